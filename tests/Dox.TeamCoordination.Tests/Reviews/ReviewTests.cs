using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dox.SharedKernel.Access;
using Dox.SharedKernel.Errors;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Data;
using Dox.TeamCoordination.Contracts;
using Dox.TeamCoordination.Reviews;
using Dox.TeamCoordination.Tests.Hosting;

namespace Dox.TeamCoordination.Tests.Reviews;

[TestFixture(DatabaseProvider.Sqlite)]
[TestFixture(DatabaseProvider.PostgreSql)]
internal sealed class ReviewTests(DatabaseProvider provider)
{
    private TeamsHost _host = null!;

    [OneTimeSetUp]
    public async Task StartAsync() => _host = await TeamsHost.StartAsync(provider);

    [OneTimeTearDown]
    public async Task StopAsync() => await _host.DisposeAsync();

    [Test]
    public async Task Opening_a_review_again_changes_nothing()
    {
        var review = await OpenAsync();
        await _host.SendAsync(new ClaimReview.Command(review.Id), TeamsHost.Ann);
        await _host.SendAsync(review with { Subject = "Something else" });

        var seen = await _host.SendAsync(new GetReview.Query(review.Id), TeamsHost.Ann);
        Assert.That((seen.Subject, seen.State), Is.EqualTo((review.Subject, ReviewState.Claimed)));
    }

    [Test]
    public async Task Review_that_its_run_no_longer_waits_for_is_closed_with_the_reason()
    {
        var review = await OpenAsync();
        await _host.SendAsync(new ClaimReview.Command(review.Id), TeamsHost.Ann);
        await _host.SendAsync(new CloseReview(review.WorkflowId, review.Step, review.Visit, "The run was cancelled.", "olga"));

        var seen = await _host.SendAsync(new GetReview.Query(review.Id), TeamsHost.Ann);
        Assert.That((seen.State, seen.DecidedBy, seen.Reason, seen.ClaimedBy), Is.EqualTo((ReviewState.Closed, "olga", "The run was cancelled.", (string?)null)));
        Assert.That(
            async () => await _host.SendAsync(new ApproveReview.Command(review.Id, null, new Dictionary<string, JsonElement>(StringComparer.Ordinal), null), TeamsHost.Ann),
            Throws.TypeOf<DoxException>().With.Message.Contains("closed already"));
    }

    [Test]
    public async Task Decided_review_stays_as_it_was_decided()
    {
        var review = await OpenAsync();
        await _host.SendAsync(new RejectReview.Command(review.Id, "No."), TeamsHost.Ann);
        await _host.SendAsync(new CloseReview(review.WorkflowId, review.Step, review.Visit, "The run was cancelled.", "olga"));

        var seen = await _host.SendAsync(new GetReview.Query(review.Id), TeamsHost.Ann);
        Assert.That((seen.State, seen.DecidedBy), Is.EqualTo((ReviewState.Rejected, "ann")));
    }

    [Test]
    public void Closing_that_comes_before_its_opening_comes_again() => Assert.That(
        async () => await _host.SendAsync(new CloseReview(Id<Workflow>.New(_host.Clock), "Ask", 1, "The run was cancelled.", "olga")),
        Throws.TypeOf<DoxException>().With.Property("Code").EqualTo("review_not_there_yet"));

    [Test]
    public async Task Evidence_comes_back_as_it_was_sent()
    {
        var review = await OpenAsync();
        var seen = await _host.SendAsync(new GetReview.Query(review.Id), TeamsHost.Ann);
        Assert.That(seen.Evidence.GetProperty("confidence").GetDouble(), Is.EqualTo(0.72));
    }

    [TestCase("signing", "Signing")]
    [TestCase("dox-actv-listener", "Activation")]
    [TestCase("Nobody", "Document")]
    public async Task A_review_reaches_a_team_whatever_its_rule_calls_it(string asked, string team)
    {
        var review = await OpenAsync(asked);
        var seen = await _host.SendAsync(new GetReview.Query(review.Id), TeamsHost.Ann);
        Assert.That(seen.Team, Is.EqualTo(team));
    }

    [Test]
    public async Task A_claim_keeps_others_out_until_it_runs_out()
    {
        var review = await OpenAsync();
        await _host.SendAsync(new ClaimReview.Command(review.Id), TeamsHost.Ann);
        Assert.That(() => _host.SendAsync(new ClaimReview.Command(review.Id), TeamsHost.Ben), Refused(409, "review_claimed"));
        Assert.That(() => _host.SendAsync(new ApproveReview.Command(review.Id, null, NoFields, null), TeamsHost.Ben), Refused(409, "review_claimed"));

        _host.Clock.Advance(TimeSpan.FromMinutes(30));
        Assert.That((await _host.SendAsync(new GetReview.Query(review.Id), TeamsHost.Ben)).State, Is.EqualTo(ReviewState.Open));
        var taken = await _host.SendAsync(new ClaimReview.Command(review.Id), TeamsHost.Ben);
        Assert.That(taken.ClaimedBy, Is.EqualTo("ben"));
        Assert.That(() => _host.SendAsync(new ApproveReview.Command(review.Id, null, NoFields, null), TeamsHost.Ann), Refused(409, "review_claimed"));
    }

    [Test]
    public async Task A_claim_is_given_back_by_who_holds_it_or_by_an_operator()
    {
        var review = await OpenAsync();
        await _host.SendAsync(new ClaimReview.Command(review.Id), TeamsHost.Ann);
        Assert.That(() => _host.SendAsync(new ReleaseReview.Command(review.Id), TeamsHost.Ben), Refused(403, "forbidden"));
        await _host.SendAsync(new ReleaseReview.Command(review.Id), TeamsHost.Ann);
        await _host.SendAsync(new ClaimReview.Command(review.Id), TeamsHost.Ben);
        Assert.That((await _host.SendAsync(new ReleaseReview.Command(review.Id), TeamsHost.Operator)).State, Is.EqualTo(ReviewState.Open));
    }

    [Test]
    public async Task An_approval_tells_the_run_template_fields_and_who()
    {
        var review = await OpenAsync();
        var fields = new Dictionary<string, JsonElement>(StringComparer.Ordinal) { ["total"] = JsonElement.Parse("12.50"), ["lines"] = JsonElement.Parse("[1,2]") };
        var decided = await _host.SendAsync(new ApproveReview.Command(review.Id, "invoice-a", fields, "looks right"), TeamsHost.Ann);
        await _host.WhenQuietAsync();

        var heard = _host.Heard.Decisions.Single(d => d.ReviewId == review.Id);
        Assert.Multiple(() =>
        {
            Assert.That(decided.State, Is.EqualTo(ReviewState.Approved));
            Assert.That((heard.WorkflowId, heard.Step, heard.Visit, heard.DocumentId), Is.EqualTo((review.WorkflowId, review.Step, review.Visit, review.DocumentId)));
            Assert.That((heard.Decision, heard.TemplateId, heard.Reason, heard.DecidedBy), Is.EqualTo((ReviewDecision.Approved, "invoice-a", "looks right", "ann")));
            Assert.That(heard.Fields["total"].GetRawText(), Is.EqualTo("12.50"));
            Assert.That(heard.Fields["lines"].GetArrayLength(), Is.EqualTo(2));
        });
    }

    [Test]
    public async Task Of_decisions_at_once_one_counts_and_is_told_once()
    {
        var review = await OpenAsync();
        var attempts = Enumerable.Range(0, 12).Select(i => Task.Run(async () =>
        {
            try
            {
                if (i % 2 == 0) await _host.SendAsync(new ApproveReview.Command(review.Id, $"t{i}", NoFields, null), TeamsHost.Reviewer($"r{i}"));
                else await _host.SendAsync(new RejectReview.Command(review.Id, "no"), TeamsHost.Reviewer($"r{i}"));
                return $"r{i}";
            }
            catch (DoxException e) when (e.Status == 409)
            {
                return null;
            }
        }));
        var winners = (await Task.WhenAll(attempts)).OfType<string>().ToList();
        await _host.WhenQuietAsync();

        Assert.That(winners, Has.Count.EqualTo(1));
        Assert.That(_host.Heard.Decisions.Where(d => d.ReviewId == review.Id).Select(d => d.DecidedBy), Is.EqualTo(winners));
        Assert.That((await _host.SendAsync(new GetReview.Query(review.Id), TeamsHost.Ann)).DecidedBy, Is.EqualTo(winners[0]));
    }

    [Test]
    public async Task A_rejection_says_why()
    {
        var review = await OpenAsync();
        Assert.That(() => _host.SendAsync(new RejectReview.Command(review.Id, " "), TeamsHost.Ann), Refused(400, "invalid_request"));
        await _host.SendAsync(new RejectReview.Command(review.Id, "not ours"), TeamsHost.Ann);
        await _host.WhenQuietAsync();
        var heard = _host.Heard.Decisions.Single(d => d.ReviewId == review.Id);
        Assert.That((heard.Decision, heard.Reason), Is.EqualTo((ReviewDecision.Rejected, "not ours")));
    }

    [Test]
    public async Task Who_works_for_another_team_sees_nothing_of_it()
    {
        var review = await OpenAsync("Signing");
        var outsider = TeamsHost.Reviewer("otto", "Data");
        Assert.That(() => _host.SendAsync(new GetReview.Query(review.Id), outsider), Refused(404, "review_not_found"));
        Assert.That(() => _host.SendAsync(new ApproveReview.Command(review.Id, null, NoFields, null), outsider), Refused(404, "review_not_found"));
        Assert.That((await _host.SendAsync(new ListReviews.Query(null, null, null, review.WorkflowId.ToString(), null, null), outsider)).Reviews, Is.Empty);
        Assert.That(() => _host.SendAsync(new ApproveReview.Command(review.Id, null, NoFields, null), TeamsHost.Operator), Refused(403, "forbidden"));
        await _host.SendAsync(new ApproveReview.Command(review.Id, null, NoFields, null), TeamsHost.Reviewer("sam", "signing"));
    }

    [Test]
    public void A_submitter_has_no_business_with_reviews() =>
        Assert.That(
            () => _host.SendAsync(new ListReviews.Query(null, null, null, null, null, null), new Caller("sue", "default", [Role.Submitter], [])), Refused(403, "forbidden"));

    [Test]
    public async Task Pages_of_a_list_follow_each_other()
    {
        var workflow = Id<Workflow>.New(_host.Clock);
        var opened = new List<Id<Review>>();
        for (var i = 0; i < 5; i++)
        {
            opened.Add((await OpenAsync(workflow: workflow)).Id);
            _host.Clock.Advance(TimeSpan.FromMilliseconds(5));
        }

        var seen = new List<Id<Review>>();
        string? cursor = null;
        do
        {
            var page = await _host.SendAsync(new ListReviews.Query(null, null, null, workflow.ToString(), 2, cursor), TeamsHost.Ann);
            Assert.That(page.Reviews, Has.Count.LessThanOrEqualTo(2).And.Count.EqualTo(page.Count));
            seen.AddRange(page.Reviews.Select(r => r.ReviewId));
            cursor = page.NextCursor;
        }
        while (cursor is not null);
        Assert.That(seen, Is.EqualTo(opened.AsEnumerable().Reverse()));
    }

    [TestCase("limit=0", "invalid_limit")]
    [TestCase("limit=201", "invalid_limit")]
    [TestCase("cursor=nonsense", "invalid_cursor")]
    public async Task No_list_takes_a_page_that_there_isnt(string page, string code)
    {
        using var ann = _host.ClientOf(TeamsHost.Ann);
        foreach (var list in (string[])["reviews", "teams/Document/queue", "blockers"])
        {
            using var answer = await ann.GetAsync($"{list}?{page}");
            Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest), list);
            Assert.That(await answer.Content.ReadAsStringAsync(), Does.Contain($"\"{code}\""), list);
        }
    }

    [TestCase("de.invoice\0", null)]
    [TestCase("de.\ninvoice", null)]
    [TestCase(null, "because\0")]
    [TestCase(null, "because\u001b[2J")]
    public async Task Control_characters_are_no_decision(string? template, string? reason)
    {
        var review = await OpenAsync();
        Assert.That(() => _host.SendAsync(new ApproveReview.Command(review.Id, template, NoFields, reason), TeamsHost.Ann), Refused(400, "invalid_request"));
        if (reason is not null) Assert.That(() => _host.SendAsync(new RejectReview.Command(review.Id, reason), TeamsHost.Ann), Refused(400, "invalid_request"));
        await _host.SendAsync(new ApproveReview.Command(review.Id, "de.invoice", NoFields, "two\nlines"), TeamsHost.Ann);
    }

    [Test]
    public async Task A_list_keeps_to_the_state_that_is_asked_for()
    {
        var workflow = Id<Workflow>.New(_host.Clock);
        var (open, claimed, expired) = (await OpenAsync(workflow: workflow), await OpenAsync(workflow: workflow), await OpenAsync(workflow: workflow));
        await _host.SendAsync(new ClaimReview.Command(expired.Id), TeamsHost.Ann);
        _host.Clock.Advance(TimeSpan.FromMinutes(31));
        await _host.SendAsync(new ClaimReview.Command(claimed.Id), TeamsHost.Ann);

        async Task<IEnumerable<Id<Review>>> In(string state) =>
            (await _host.SendAsync(new ListReviews.Query(null, state, null, workflow.ToString(), null, null), TeamsHost.Ann)).Reviews.Select(r => r.ReviewId);
        Assert.That(await In("open"), Is.EquivalentTo(new[] { open.Id, expired.Id }));
        Assert.That(await In("claimed"), Is.EqualTo(new[] { claimed.Id }));
        Assert.That(() => In("nonsense"), Refused(400, "invalid_request"));
        Assert.That(() => In("1"), Refused(400, "invalid_request"));
        Assert.That(() => In("7"), Refused(400, "invalid_request"));
    }

    [Test]
    public async Task A_review_goes_its_way_over_http()
    {
        var review = await OpenAsync();
        using var ann = _host.ClientOf(TeamsHost.Ann);
        using var ben = _host.ClientOf(TeamsHost.Ben);
        Assert.That((await ann.PostAsync($"reviews/{review.Id}/claim", null)).StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That((await ben.PostAsync($"reviews/{review.Id}/claim", null)).StatusCode, Is.EqualTo(HttpStatusCode.Conflict));
        Assert.That((await ann.PostAsync($"reviews/{review.Id}/release", null)).StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That((await ann.PostAsJsonAsync($"reviews/{review.Id}/reject", new { })).StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That(
            (await ann.PostAsJsonAsync($"reviews/{review.Id}/approve", new { template_id = "t", fields = new { number = "4711" } })).StatusCode, Is.EqualTo(HttpStatusCode.OK));

        var seen = (await ann.GetFromJsonAsync<JsonObject>($"reviews/{review.Id}"))!;
        Assert.That((string?)seen["state"], Is.EqualTo("approved"));
        Assert.That((string?)seen["fields"]!["number"], Is.EqualTo("4711"));
        var list = (await ann.GetFromJsonAsync<JsonObject>($"reviews?document_id={review.DocumentId}"))!;
        Assert.That((string?)list["reviews"]![0]!["review_id"], Is.EqualTo(review.Id.ToString()));
        Assert.That((await ann.GetAsync("reviews?cursor=nonsense")).StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That((await ann.GetAsync($"reviews/{Id<Review>.New(_host.Clock)}")).StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
    }

    private static Dictionary<string, JsonElement> NoFields => [];

    private static NUnit.Framework.Constraints.EqualStringConstraint Refused(int status, string code) =>
        Throws.InstanceOf<DoxException>().With.Property(nameof(DoxException.Status)).EqualTo(status).And.Property(nameof(DoxException.Code)).EqualTo(code);

    private async Task<OpenReview> OpenAsync(string team = "Document", Id<Workflow>? workflow = null)
    {
        var review = new OpenReview(
            Id<Review>.New(_host.Clock), workflow ?? Id<Workflow>.New(_host.Clock), "process_document_upload", "Human Review", 1, Id<Document>.New(_host.Clock), "acme", team,
            "Which template is it?", "The two best are close.", JsonElement.Parse("""{"confidence":0.72}"""));
        await _host.SendAsync(review);
        return review;
    }
}

using Dox.SharedKernel.Messages;

namespace Dox.TemplateMatching.Contracts;

/// <summary>Unknown documents of one layout propose a template: an author publishes or dismisses it.</summary>
/// <param name="DraftId">The draft's.</param>
/// <param name="Documents">How many documents look like it.</param>
/// <param name="At">UTC.</param>
[MessageName("template-matching.template-drafted.v1")]
public sealed record TemplateDrafted(string DraftId, int Documents, DateTimeOffset At) : IIntegrationEvent;

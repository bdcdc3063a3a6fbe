namespace Dox.SharedKernel.Ids;

/// <summary>A submitted document: <c>doc_…</c>.</summary>
public sealed class Document : IIdKind
{
    private Document()
    {
    }

    /// <inheritdoc/>
    public static string Prefix => "doc";
}

/// <summary>A run of a rule: <c>wf_…</c>.</summary>
public sealed class Workflow : IIdKind
{
    private Workflow()
    {
    }

    /// <inheritdoc/>
    public static string Prefix => "wf";
}

/// <summary>A human decision that a run waits for: <c>rev_…</c>.</summary>
public sealed class Review : IIdKind
{
    private Review()
    {
    }

    /// <inheritdoc/>
    public static string Prefix => "rev";
}

/// <summary>The outcome of matching a document against the templates: <c>rec_…</c>.</summary>
public sealed class Recognition : IIdKind
{
    private Recognition()
    {
    }

    /// <inheritdoc/>
    public static string Prefix => "rec";
}

/// <summary>An open problem that needs a team: <c>blk_…</c>.</summary>
public sealed class Blocker : IIdKind
{
    private Blocker()
    {
    }

    /// <inheritdoc/>
    public static string Prefix => "blk";
}

/// <summary>Something that happened, as subscribers are told of it: <c>evt_…</c>.</summary>
public sealed class Happening : IIdKind
{
    private Happening()
    {
    }

    /// <inheritdoc/>
    public static string Prefix => "evt";
}

/// <summary>A subscriber's address that events are sent to: <c>whk_…</c>.</summary>
public sealed class Webhook : IIdKind
{
    private Webhook()
    {
    }

    /// <inheritdoc/>
    public static string Prefix => "whk";
}

/// <summary>A key that somebody gets in with: <c>key_…</c>.</summary>
public sealed class ApiKey : IIdKind
{
    private ApiKey()
    {
    }

    /// <inheritdoc/>
    public static string Prefix => "key";
}

/// <summary>One event on its way to one webhook: <c>dlv_…</c>.</summary>
public sealed class Delivery : IIdKind
{
    private Delivery()
    {
    }

    /// <inheritdoc/>
    public static string Prefix => "dlv";
}

/// <summary>Content that was taken out of reach: <c>qua_…</c>.</summary>
public sealed class Quarantined : IIdKind
{
    private Quarantined()
    {
    }

    /// <inheritdoc/>
    public static string Prefix => "qua";
}

/// <summary>A message between modules that was given up: <c>msg_…</c>.</summary>
public sealed class Letter : IIdKind
{
    private Letter()
    {
    }

    /// <inheritdoc/>
    public static string Prefix => "msg";
}

/// <summary>An entry of a stream that its module couldn't read: <c>ent_…</c>.</summary>
public sealed class UnreadEntry : IIdKind
{
    private UnreadEntry()
    {
    }

    /// <inheritdoc/>
    public static string Prefix => "ent";
}

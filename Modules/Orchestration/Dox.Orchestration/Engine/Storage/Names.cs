using Dox.Workflows.Interpretation;

namespace Dox.Orchestration.Engine.Storage;

/// <summary>Names of enumerations as their columns hold them, without making them anew for each row.</summary>
internal static class Names
{
    public static string Of(RunStatus status) => Known<RunStatus>.Names[(int)status];

    public static string Of(StepStatus status) => Known<StepStatus>.Names[(int)status];

    public static string Of(JournalKind kind) => Known<JournalKind>.Names[(int)kind];

    private static class Known<T>
        where T : struct, Enum
    {
        public static readonly string[] Names = Enum.GetNames<T>();
    }
}

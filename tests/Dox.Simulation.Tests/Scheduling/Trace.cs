using System.Globalization;

namespace Dox.Simulation.Tests.Scheduling;

/// <summary>What happened, line by line. Kept only where somebody will read it: when a seed is played again.</summary>
internal sealed class Trace
{
    private readonly List<string> _lines = [];

    public bool IsOn { get; set; }

    public IReadOnlyList<string> Lines => _lines;

    public void Write(World world, string actor, string text)
    {
        if (IsOn) _lines.Add(string.Create(CultureInfo.InvariantCulture, $"{world.Elapsed.TotalSeconds,10:0.0000}  {actor,-10} {text}"));
    }

    /// <summary>The text is made only where it is kept.</summary>
    public void Write(World world, string actor, [System.Runtime.CompilerServices.InterpolatedStringHandlerArgument("")] ref TraceText text)
    {
        if (IsOn) Write(world, actor, text.ToString());
    }

    /// <summary>A text that costs nothing where nobody reads it.</summary>
    [System.Runtime.CompilerServices.InterpolatedStringHandler]
    public ref struct TraceText
    {
        private System.Runtime.CompilerServices.DefaultInterpolatedStringHandler _inner;

        public TraceText(int literalLength, int formattedCount, Trace trace, out bool isOn)
        {
            isOn = trace.IsOn;
            if (isOn) _inner = new(literalLength, formattedCount, CultureInfo.InvariantCulture);
        }

        public void AppendLiteral(string value) => _inner.AppendLiteral(value);

        public void AppendFormatted<T>(T value) => _inner.AppendFormatted(value);

        public void AppendFormatted<T>(T value, string? format) => _inner.AppendFormatted(value, format);

        public override string ToString() => _inner.ToStringAndClear();
    }
}

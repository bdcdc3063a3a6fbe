namespace Dox.TemplateMatching.Matching;

/// <summary>What is known of a best match, before anybody says whether it is right.</summary>
/// <param name="Score">0 to 1.</param>
/// <param name="Evidence">Weight of the anchors that stand where they should.</param>
/// <param name="Samples">That the template was learned from, from 1.</param>
/// <param name="Lead">What it is ahead of the best of another family, 0 to 1.</param>
/// <param name="TitleDoubt">Of <see cref="Title"/>, 0 to 1.</param>
internal sealed record MatchFeatures(double Score, double Evidence, int Samples, double Lead, double TitleDoubt)
{
    public const int Count = 5;

    public double[] Values => [1, Score, Math.Log(1 + Evidence), Math.Log(Samples), Math.Min(Lead, 0.5)];

    /// <summary>
    /// Which of the cases of doubt it is: -1 for none, else from 0, by what stands at the title and by the samples. What is printed large on one sample or
    /// two may be a value yet: there another word says less.
    /// </summary>
    public int Doubt => TitleDoubt <= 0 ? -1 : (Samples <= 2 ? 0 : 2) + (TitleDoubt >= 1 ? 1 : 0);

    public const int Doubts = 4;
}

/// <summary>
/// Turns a learned template's score into a confidence: of a hundred matches at 0.85, 85 are right. A logistic regression says how sure the layout is; where
/// the title is in doubt, that counts by how often the kind of document was right all the same. Both are fitted to documents whose template is known. What a
/// person wrote has weights that a person chose, and its score stands as it is.
/// </summary>
/// <param name="coefficients">Of <see cref="MatchFeatures.Values"/>.</param>
/// <param name="kinds">By <see cref="MatchFeatures.Doubt"/>, 0 to 1.</param>
internal sealed class Calibration(IReadOnlyList<double> coefficients, IReadOnlyList<double> kinds)
{
    private const double PriorCases = 4;
    private const double SureLayout = 0.5;
    private const int Iterations = 40;
    private const double Stiffness = 0.5;

    // `accuracy --fit` prints these: fitted to generated layouts of which some are known and some aren't.
    public static Calibration Shipped { get; } = new([-9.31, 6.58, 2.33, -1.22, 2.76], [0.71, 0.42, 0.81, 0.01]);

    public IReadOnlyList<double> Coefficients { get; } = coefficients;

    public IReadOnlyList<double> Kinds { get; } = kinds;

    public double Confidence(MatchFeatures features) =>
        Math.Round(Probability(Coefficients, features.Values) * (features.Doubt < 0 ? 1 : Kinds[features.Doubt]), 4);

    /// <summary>Fitted to a library's own trials, holding on to <paramref name="prior"/> where they are few.</summary>
    public static Calibration Fit(IReadOnlyList<(MatchFeatures Features, bool IsRight)> trials, Calibration prior)
    {
        var coefficients = prior.Coefficients.ToArray();
        var rows = trials.Where(t => t.Features.Doubt < 0).Select(t => (X: t.Features.Values, Y: t.IsRight ? 1.0 : 0)).ToList();
        for (var i = 0; i < Iterations; i++)
        {
            var gradient = new double[MatchFeatures.Count];
            var curvature = new double[MatchFeatures.Count, MatchFeatures.Count];
            for (var a = 0; a < MatchFeatures.Count; a++)
            {
                gradient[a] = Stiffness * (prior.Coefficients[a] - coefficients[a]);
                curvature[a, a] = Stiffness;
            }

            foreach (var (x, y) in rows)
            {
                var p = Probability(coefficients, x);
                for (var a = 0; a < MatchFeatures.Count; a++)
                {
                    gradient[a] += (y - p) * x[a];
                    for (var b = 0; b < MatchFeatures.Count; b++) curvature[a, b] += p * (1 - p) * x[a] * x[b];
                }
            }

            // Where nearly all is sure the curve is flat, and a whole step overshoots: half of it, until it is better than before.
            var step = Solve(curvature, gradient);
            var (length, before) = (1.0, Likelihood(coefficients, rows, prior));
            while (length > 1e-6 && Likelihood(Moved(coefficients, step, length), rows, prior) < before) length /= 2;
            if (length <= 1e-6) break;
            coefficients = Moved(coefficients, step, length);
            if (step.All(s => Math.Abs(s) < 1e-6)) break;
        }

        return new(coefficients, [.. Enumerable.Range(0, MatchFeatures.Doubts).Select(d => Kind(d, trials, coefficients, prior.Kinds[d]))]);
    }

    private static double[] Moved(double[] coefficients, double[] step, double length) => [.. coefficients.Select((c, a) => c + length * step[a])];

    // Its logarithm, less what it strays from the prior.
    private static double Likelihood(double[] coefficients, List<(double[] X, double Y)> rows, Calibration prior) =>
        rows.Sum(r => Math.Log(Math.Max(1e-300, r.Y > 0 ? Probability(coefficients, r.X) : 1 - Probability(coefficients, r.X))))
        - Stiffness / 2 * coefficients.Select((c, a) => (c - prior.Coefficients[a]) * (c - prior.Coefficients[a])).Sum();

    private static double Kind(int doubt, IReadOnlyList<(MatchFeatures Features, bool IsRight)> trials, double[] coefficients, double prior)
    {
        var cases = trials.Where(t => t.Features.Doubt == doubt && Probability(coefficients, t.Features.Values) >= SureLayout).ToList();
        return (cases.Count(t => t.IsRight) + PriorCases * prior) / (cases.Count + PriorCases);
    }

    private static double Probability(IReadOnlyList<double> coefficients, double[] values)
    {
        var sum = 0.0;
        for (var i = 0; i < values.Length; i++) sum += coefficients[i] * values[i];
        return 1 / (1 + Math.Exp(-sum));
    }

    // Gauss: the matrix is positive definite, its diagonal being at least the stiffness.
    private static double[] Solve(double[,] matrix, double[] right)
    {
        var n = right.Length;
        for (var i = 0; i < n; i++)
        {
            for (var row = i + 1; row < n; row++)
            {
                var factor = matrix[row, i] / matrix[i, i];
                for (var column = i; column < n; column++) matrix[row, column] -= factor * matrix[i, column];
                right[row] -= factor * right[i];
            }
        }

        for (var i = n - 1; i >= 0; i--)
        {
            for (var column = i + 1; column < n; column++) right[i] -= matrix[i, column] * right[column];
            right[i] /= matrix[i, i];
        }

        return right;
    }
}

namespace Dox.Host.Demo.Samples;

/// <summary>What one claim form of the fictional Harbour Mutual Insurance says.</summary>
internal sealed record MotorClaim(
    string PolicyNumber,
    string Name,
    string Address,
    string Postcode,
    string Email,
    string Telephone,
    DateOnly IncidentDate,
    TimeOnly IncidentTime,
    string Place,
    string Registration,
    string Vehicle,
    bool PoliceInformed,
    bool OthersInvolved,
    IReadOnlyList<string> Description,
    decimal EstimatedCost,
    string Garage,
    string Iban,
    DateOnly Signed)
{
    public static MotorClaim Draw(int seed, DateOnly latest)
    {
        var random = new Random(seed);
        var signed = latest.AddDays(-random.Next(1, 12));
        var name = random.Pick(Names);
        return new(
            $"HM-{random.Next(1_000_000, 9_999_999)}",
            name,
            $"{random.Next(1, 120)} {random.Pick(Streets)}",
            $"ZZ{random.Next(1, 30)} {random.Next(1, 10)}ZZ",
            $"{name.ToLowerInvariant().Replace(' ', '.')}@mail.example",
            $"01632 960{random.Next(100, 999)}",
            signed.AddDays(-random.Next(1, 9)),
            new TimeOnly(random.Next(6, 22), random.Next(12) * 5),
            random.Pick(Places),
            $"XX{random.Next(10, 75)} {random.Pick(Plates)}",
            random.Pick(Vehicles),
            random.Next(2) == 0,
            random.Next(2) == 0,
            random.Pick(Descriptions),
            random.Next(18_000, 420_000) / 100m,
            random.Pick(Garages),
            SampleValues.Iban("GB", $"WEST123456{random.Next(10_000_000, 99_999_999)}"),
            signed);
    }

    private static readonly IReadOnlyList<string> Names = ["Alex Sample", "Robin Placeholder", "Sam Specimen", "Chris Testcase", "Jo Template"];
    private static readonly IReadOnlyList<string> Streets = ["Example Road", "Sample Street", "Specimen Lane", "Placeholder Close"];
    private static readonly IReadOnlyList<string> Places = ["Roundabout at Example Road, Sampleton", "Car park, Quay Street, Sampleton", "A999 near Specimen Bridge"];
    private static readonly IReadOnlyList<string> Plates = ["ABC", "QXY", "TST", "DEM"];
    private static readonly IReadOnlyList<string> Vehicles = ["Hatchback, blue", "Estate car, silver", "Small van, white", "Saloon, dark green"];
    private static readonly IReadOnlyList<string> Garages = ["Quayside Motors, Sampleton", "Specimen Body Works", "Example Coachworks Ltd"];

    private static readonly IReadOnlyList<IReadOnlyList<string>> Descriptions =
    [
        ["I was waiting to join the roundabout when the car behind rolled into my rear bumper.", "Bumper and tail light broken, nobody hurt. We exchanged details at the scene."],
        ["While parked, a shopping trolley blown by the wind hit the driver's door.", "Dent of about 20 cm and scratched paint. The store manager saw it happen."],
        ["A stone fell off a lorry in front of me and struck the windscreen.", "The crack has grown across half of the screen since."],
    ];
}

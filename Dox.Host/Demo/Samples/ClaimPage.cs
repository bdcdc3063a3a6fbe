using System.Globalization;
using SkiaSharp;

namespace Dox.Host.Demo.Samples;

internal static class ClaimPage
{
    private static readonly SKColor Navy = new(0x1B, 0x2A, 0x5B);
    private static readonly SKColor Label = new(0x50, 0x58, 0x70);
    private static readonly SKColor Ink = new(0x10, 0x2C, 0x8C);

    public static byte[] Write(MotorClaim claim) => PageCanvas.WritePdf(
        "Motor claim notification", claim.Name, claim.Signed, page =>
        {
            Heading(page);
            Policyholder(page, claim);
            Incident(page, claim);
            Payment(page, claim);
            Declaration(page, claim);
            page.Text(15, 288, "Form HM-204 (03/2026)", 7, bold: true, Label);
            page.Text(105, 288, "Harbour Mutual Insurance · claims@harbour-mutual.example · 01632 960001", 7, colour: Label, align: SKTextAlign.Center);
            page.RightText(195, 288, "Page 1 of 1", 7, colour: Label);
        });

    private static void Heading(PageCanvas page)
    {
        page.Fill(15, 12, 12, 12, Navy);
        page.Curve(0.8f, SKColors.White, (17, 20), (19, 17), (21, 20), (23, 23), (25, 20));
        page.Line(21, 14, 21, 18, 0.8f, SKColors.White);
        page.Text(31, 17.5f, "Harbour Mutual Insurance", 13, bold: true, Navy);
        page.Text(31, 23, "Motor claims · PO Box 1, Sampleton ZZ1 1ZZ", 8, colour: Label);
        page.RightText(195, 18.5f, "Motor claim notification", 15, bold: true, Navy);
        page.RightText(195, 23.5f, "Please complete in block letters and sign in section D", 7, colour: Label);
    }

    private static void Policyholder(PageCanvas page, MotorClaim claim)
    {
        Section(page, 31, "A", "Policyholder");
        Field(page, 15, 40, 60, "Policy number", claim.PolicyNumber);
        Field(page, 75, 40, 120, "Full name", claim.Name);
        Field(page, 15, 52, 120, "Address", claim.Address);
        Field(page, 135, 52, 60, "Postcode", claim.Postcode);
        Field(page, 15, 64, 120, "E-mail address", claim.Email);
        Field(page, 135, 64, 60, "Daytime telephone", claim.Telephone);
    }

    private static void Incident(PageCanvas page, MotorClaim claim)
    {
        Section(page, 84, "B", "The incident");
        Field(page, 15, 93, 60, "Date of incident", Date(claim.IncidentDate));
        Field(page, 75, 93, 40, "Time of incident", claim.IncidentTime.ToString("HH:mm", CultureInfo.InvariantCulture));
        Field(page, 115, 93, 80, "Vehicle registration", claim.Registration);
        Field(page, 15, 105, 120, "Place of incident", claim.Place);
        Field(page, 135, 105, 60, "Make and colour of vehicle", claim.Vehicle);
        Question(page, 117, "Was the incident reported to the police?", claim.PoliceInformed);
        Question(page, 126, "Were other vehicles or persons involved?", claim.OthersInvolved);
        page.Box(15, 135, 180, 32, 0.25f, Navy);
        page.Text(17, 138.5f, "Describe what happened and the damage", 6.5f, colour: Label);
        page.Lines(17, 145, 6, claim.Description, 9.5f, Ink);
    }

    private static void Payment(PageCanvas page, MotorClaim claim)
    {
        Section(page, 175, "C", "Repair and payment");
        Field(page, 15, 184, 60, "Estimated repair cost", "£ " + claim.EstimatedCost.ToString("#,##0.00", CultureInfo.InvariantCulture));
        Field(page, 75, 184, 120, "Garage or repairer", claim.Garage);
        Field(page, 15, 196, 120, "Account for payment (IBAN)", claim.Iban);
        Field(page, 135, 196, 60, "Account holder", claim.Name);
    }

    private static void Declaration(PageCanvas page, MotorClaim claim)
    {
        Section(page, 216, "D", "Declaration");
        page.Lines(15, 227, 4.4f,
        [
            "I declare that the statements in this form are true and complete to the best of my knowledge. I understand that a claim",
            "may be refused where facts have been withheld, and that details are shared with the claims register of insurers.",
        ], 7.5f);
        page.Box(15, 236, 110, 20, 0.25f, Navy);
        page.Text(17, 239.5f, "Signature of policyholder", 6.5f, colour: Label);
        page.Curve(0.45f, Ink, (24, 250), (28, 238), (31, 249), (33, 255), (36, 246), (39, 243), (41, 249), (46, 252), (50, 246), (58, 244), (67, 248), (74, 250), (86, 245));
        Field(page, 125, 236, 70, "Date signed", Date(claim.Signed), height: 20);
        page.Fill(15, 261, 180, 20, new SKColor(0xEE, 0xF0, 0xF6));
        page.Text(17, 265, "For office use only", 6.5f, bold: true, Label);
        page.Text(17, 275, "Claim reference", 7, colour: Label);
        page.Line(38, 275.5f, 88, 275.5f, 0.2f, Label);
        page.Text(100, 275, "Handler", 7, colour: Label);
        page.Line(112, 275.5f, 142, 275.5f, 0.2f, Label);
        page.Text(152, 275, "Received", 7, colour: Label);
        page.Line(165, 275.5f, 190, 275.5f, 0.2f, Label);
    }

    private static void Section(PageCanvas page, float y, string letter, string title)
    {
        page.Fill(15, y, 180, 7, Navy);
        page.Text(17.5f, y + 5, letter, 10, bold: true, SKColors.White);
        page.Text(25, y + 5, title, 10, bold: true, SKColors.White);
    }

    private static void Field(PageCanvas page, float x, float y, float width, string label, string value, float height = 12)
    {
        page.Box(x, y, width, height, 0.25f, Navy);
        page.Text(x + 2, y + 3.5f, label, 6.5f, colour: Label);
        page.Text(x + 2, y + height - 3, value, 10, colour: Ink);
    }

    private static void Question(PageCanvas page, float y, string question, bool answer)
    {
        page.Box(15, y, 180, 9, 0.25f, Navy);
        page.Text(17, y + 5.8f, question, 8.5f);
        Choice(page, 140, y + 2.5f, "Yes", answer);
        Choice(page, 165, y + 2.5f, "No", !answer);
    }

    private static void Choice(PageCanvas page, float x, float y, string label, bool chosen)
    {
        page.Box(x, y, 4, 4, 0.25f, Navy);
        page.Text(x + 6, y + 3.3f, label, 8.5f);
        if (!chosen)
            return;
        page.Line(x + 0.6f, y + 0.6f, x + 3.4f, y + 3.4f, 0.5f, Ink);
        page.Line(x + 3.4f, y + 0.6f, x + 0.6f, y + 3.4f, 0.5f, Ink);
    }

    private static string Date(DateOnly date) => date.ToString("dd/MM/yyyy", CultureInfo.InvariantCulture);
}

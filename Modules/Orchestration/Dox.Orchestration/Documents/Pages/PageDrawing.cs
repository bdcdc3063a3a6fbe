using System.Globalization;
using System.Text;
using System.Xml;
using Dox.TemplateMatching.Contracts;

namespace Dox.Orchestration.Documents.Pages;

/// <summary>
/// A page as SVG: its picture, or its words, and over it what recognition found. Text comes from documents that anybody sent, so all of it goes
/// through an XML writer, and there is neither script nor style nor link in what is written.
/// </summary>
internal static class PageDrawing
{
    private const string Svg = "http://www.w3.org/2000/svg";
    private const int MaxText = 200;

    // A4 in points: where nobody could tell a page's size
    private static readonly (double Width, double Height) s_unknown = (595, 842);

    /// <summary>Draws it.</summary>
    /// <param name="view">What recognition says of it.</param>
    /// <param name="page">From 1.</param>
    /// <param name="picture">Null: its words instead.</param>
    public static byte[] Draw(PageView view, int page, PagePicture? picture)
    {
        var (width, height) = view is { Width: > 0, Height: > 0 } ? (view.Width, view.Height) : s_unknown;
        using var buffer = new MemoryStream();
        using (var xml = XmlWriter.Create(buffer, new XmlWriterSettings { Encoding = new UTF8Encoding(false), CloseOutput = false }))
        {
            xml.WriteStartElement("svg", Svg);
            Write(xml, ("viewBox", $"0 0 {Number(width)} {Number(height)}"), ("width", Number(width)), ("height", Number(height)), ("role", "img"));
            var title = $"Page {page}{(view.PageCount > 0 ? $" of {view.PageCount}" : "")}";
            xml.WriteElementString("title", Svg, title);
            Element(xml, "rect", null, ("width", Number(width)), ("height", Number(height)), ("fill", "#ffffff"));
            if (picture is not null) Picture(xml, view, picture, width, height);
            else Words(xml, view, width, height);
            foreach (var mark in view.Marks) Mark(xml, mark, width, height);
            xml.WriteEndElement();
        }

        return buffer.ToArray();
    }

    private static void Picture(XmlWriter xml, PageView view, PagePicture picture, double width, double height)
    {
        // The view is turned so that text runs to the right; what other programs draw isn't
        var (w, h, turn) = view.Turned switch
        {
            90 => (height, width, $"translate({Number(width)} 0) rotate(90)"),
            180 => (width, height, $"translate({Number(width)} {Number(height)}) rotate(180)"),
            270 => (height, width, $"translate(0 {Number(height)}) rotate(270)"),
            _ => (width, height, ""),
        };
        xml.WriteStartElement("image", Svg);
        Write(xml, ("width", Number(w)), ("height", Number(h)), ("preserveAspectRatio", view.Width > 0 ? "none" : "xMidYMid meet"));
        if (turn.Length > 0) Write(xml, ("transform", turn));
        xml.WriteStartAttribute("href");
        xml.WriteString($"data:{picture.MediaType};base64,");
        xml.WriteBase64(picture.Bytes, 0, picture.Bytes.Length);
        xml.WriteEndAttribute();
        xml.WriteEndElement();
    }

    private static void Words(XmlWriter xml, PageView view, double width, double height)
    {
        if (view.Words.Count == 0)
        {
            Element(xml, "text", view.Problem ?? "There is no picture of this page, and no text on it that could be read.", ("x", "24"), ("y", "48"), ("font-size", "12"), ("font-family", "sans-serif"));
            return;
        }

        foreach (var word in view.Words)
        {
            var (x, y, w, h) = Points(word.Box, width, height);
            Element(
                xml, "text", word.Text, ("x", Number(x)), ("y", Number(y + h * 0.85)), ("font-size", Number(Math.Clamp(h, 2, 100))), ("textLength", Number(Math.Max(w, 1))),
                ("lengthAdjust", "spacingAndGlyphs"), ("font-family", "sans-serif"));
        }
    }

    private static void Mark(XmlWriter xml, PageMark mark, double width, double height)
    {
        const double gap = 1.5;
        var isField = mark.Kind == PageMarkKind.Field;
        var (name, colour, isDashed) = mark.Kind switch
        {
            PageMarkKind.Field => ("field", mark.Confidence >= 0.8 ? "#1b5e20" : "#b71c1c", false),
            PageMarkKind.Missing => ("missing", "#bf360c", true),
            _ => ("anchor", "#0d47a1", false),
        };
        var (x, y, w, h) = Points(mark.Box, width, height);
        var confidence = mark.Confidence.ToString("P0", CultureInfo.InvariantCulture);
        xml.WriteStartElement("g", Svg);
        Write(xml, ("class", name));
        xml.WriteElementString("title", Svg, Clean(isField ? $"{mark.Label}: {mark.Value} ({confidence})" : isDashed ? $"{mark.Label}: missing" : $"{mark.Label} ({confidence})"));
        Element(
            xml, "rect", null, ("x", Number(x - gap)), ("y", Number(y - gap)), ("width", Number(w + 2 * gap)), ("height", Number(h + 2 * gap)), ("fill", colour),
            ("fill-opacity", isDashed ? "0" : "0.12"), ("stroke", colour), ("stroke-width", isField ? "1" : "0.5"), ("stroke-dasharray", isDashed ? "2 2" : "none"));
        if (isField)
            Element(xml, "text", $"{mark.Label} {confidence}", ("x", Number(x)), ("y", Number(Math.Max(y - 2.5, 6))), ("font-size", "6"), ("font-family", "sans-serif"), ("fill", colour));
        xml.WriteEndElement();
    }

    private static (double X, double Y, double W, double H) Points(IReadOnlyList<double> box, double width, double height) =>
        (box[0] * width, box[1] * height, box[2] * width, box[3] * height);

    private static void Element(XmlWriter xml, string name, string? text, params ReadOnlySpan<(string Name, string Value)> attributes)
    {
        xml.WriteStartElement(name, Svg);
        Write(xml, attributes);
        if (text is not null) xml.WriteString(Clean(text));
        xml.WriteEndElement();
    }

    private static void Write(XmlWriter xml, params ReadOnlySpan<(string Name, string Value)> attributes)
    {
        foreach (var (name, value) in attributes) xml.WriteAttributeString(name, value);
    }

    // XML has no way at all to write some characters
    private static string Clean(string text) => string.Concat(
        (text.Length > MaxText ? text[..MaxText] : text).EnumerateRunes().Select(r => r.IsBmp && !XmlConvert.IsXmlChar((char)r.Value) ? "\uFFFD" : r.ToString()));

    private static string Number(double value) => Math.Round(value, 2).ToString(CultureInfo.InvariantCulture);
}

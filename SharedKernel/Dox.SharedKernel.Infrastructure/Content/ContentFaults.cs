using Dox.SharedKernel.Errors;

namespace Dox.SharedKernel.Infrastructure.Content;

internal static class ContentFaults
{
    /// <summary>413, however it was noticed: by what the sender said beforehand, or by counting.</summary>
    public static DoxException TooLarge(long maxLength) => new(
        413, "file_too_large", $"The file is larger than the {Size(maxLength)} that are allowed. Send a smaller one, or split it.",
        [new Finding("file_size", "file_too_large", $"More than {maxLength} bytes.", MaxAllowed: maxLength.ToString())]);

    private static string Size(long bytes) => bytes % (1024 * 1024) == 0 ? $"{bytes / (1024 * 1024)} MB" : $"{bytes} bytes";
}

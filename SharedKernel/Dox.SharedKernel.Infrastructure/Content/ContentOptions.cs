namespace Dox.SharedKernel.Infrastructure.Content;

/// <summary>Where documents' bytes are. Section <c>Dox:Content</c>; <c>STORAGE_PATH</c> and <c>DOX_DATA_PATH</c> set it too.</summary>
public sealed class ContentOptions
{
    /// <summary>The folder. Several processes need a shared one.</summary>
    public string Path { get; set; } = System.IO.Path.Combine("data", "content");
}

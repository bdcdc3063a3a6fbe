using System.Reflection;
using Dox.SharedKernel.Infrastructure.Data;
using Dox.SharedKernel.Infrastructure.Modules;
using Dox.SharedKernel.Infrastructure.Reading;
using Dox.TemplateMatching.Contracts;
using Dox.TemplateMatching.Data;
using Dox.TemplateMatching.Recognitions;
using Dox.TemplateMatching.Teaching;
using Dox.TemplateMatching.Templates;
using Dox.TemplateMatching.Templates.Import;
using Dox.TemplateMatching.Unknown;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Dox.TemplateMatching;

/// <summary>Which known form a document is an instance of, and what its fields say.</summary>
public sealed class TemplateMatchingModule : IModule
{
    /// <inheritdoc/>
    public string Name => "TemplateMatching";

    /// <inheritdoc/>
    public Assembly Contracts => typeof(RecognizeTemplate).Assembly;

    /// <inheritdoc/>
    public void AddServices(IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var services = builder.Services;
        builder.AddModuleDatabase<TemplateMatchingDbContext, SqliteTemplateMatchingDbContext>(Name, TemplateMatchingDbContext.SchemaName);
        services.AddDocumentReading();
        services.AddOptions<TemplateMatchingOptions>().BindConfiguration(TemplateMatchingOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<TemplateMatchingOptions>, TemplateMatchingOptions.Validator>();
        services.AddSingleton<TemplateCatalog>();
        services.AddHostedService(provider => provider.GetRequiredService<TemplateCatalog>());
        services.AddHostedService<TemplateReload>();
        services.AddSingleton<DocumentTexts>();
        services.AddSingleton<OpticalReader>();
        services.AddSingleton<DataMatrixReader>();
        services.AddScoped<Teacher>();
        services.AddScoped<TestCases>();
        services.AddScoped<UnknownDocuments>();
        services.AddHostedService<UnknownSweep>();
        services.AddScoped<Declarations>();
    }

    /// <inheritdoc/>
    public void MapEndpoints(IEndpointRouteBuilder api)
    {
        ListTemplates.Map(api);
        GetTemplate.Map(api);
        ListTemplateVersions.Map(api);
        PublishTemplate.Map(api);
        DeleteTemplate.Map(api);
        RestoreTemplate.Map(api);
        LearnTemplate.Map(api);
        TestTemplates.Map(api);
        ImportTemplates.Map(api);
        ListDrafts.Map(api);
        GetDraft.Map(api);
        PublishDraft.Map(api);
        DismissDraft.Map(api);
        ListLessons.Map(api);
        UndoLessons.Map(api);
        DeclareRecognition.Map(api);
        Recognize.Map(api);
        RecognizeFile.Map(api);
        ExtractByTemplate.Map(api);
        GetRecognition.Map(api);
    }
}

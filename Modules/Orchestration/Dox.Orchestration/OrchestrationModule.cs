using System.Net;
using System.Reflection;
using Dox.Orchestration.Audit;
using Dox.Orchestration.Contracts;
using Dox.Orchestration.Data;
using Dox.Orchestration.DeadLetters;
using Dox.Orchestration.Documents;
using Dox.Orchestration.Documents.Pages;
using Dox.Orchestration.Engine;
using Dox.Orchestration.Engine.MemoryBanks;
using Dox.Orchestration.Engine.Operations;
using Dox.Orchestration.Engine.Storage;
using Dox.Orchestration.Engine.Storage.PostgreSql;
using Dox.Orchestration.Engine.Storage.Sqlite;
using Dox.Orchestration.Events;
using Dox.Orchestration.History;
using Dox.Orchestration.Keys;
using Dox.Orchestration.Rules;
using Dox.Orchestration.Services;
using Dox.Orchestration.StoredResults;
using Dox.Orchestration.Triggers;
using Dox.Orchestration.Webhooks;
using Dox.Orchestration.Workflows;
using Dox.Orchestration.Workflows.Explaining;
using Dox.Orchestration.Workflows.Operations;
using Dox.SharedKernel.Infrastructure.Audit;
using Dox.SharedKernel.Infrastructure.Configuration;
using Dox.SharedKernel.Infrastructure.Data;
using Dox.SharedKernel.Infrastructure.Modules;
using Dox.SharedKernel.Infrastructure.Observability;
using Dox.Workflows.Interpretation;
using Dox.Workflows.Rules;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Dox.Orchestration;

/// <summary>Documents, rules and runs: the one module that sends the others commands and hears their events.</summary>
public sealed class OrchestrationModule : IModule
{
    /// <inheritdoc/>
    public string Name => ModuleName;

    internal const string ModuleName = "Orchestration";

    /// <inheritdoc/>
    public Assembly Contracts => typeof(StoreDocument).Assembly;

    /// <inheritdoc/>
    public void AddServices(IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        AheadOfRules.Begin();
        builder.AddModuleDatabase<OrchestrationDbContext, SqliteOrchestrationDbContext>(Name, OrchestrationDbContext.SchemaName);
        var services = builder.Services;
        services.AddCheckedOptions<RuleOptions>("Dox:Rules", RuleOptions.Problems);
        services.AddOptions<EngineOptions>().BindConfiguration("Dox:Engine")
            .Validate(o => o.Workers is >= 1 and <= 1024, "Dox:Engine:Workers is a number from 1 to 1024.")
            .Validate(o => o.MaxRecoveries >= 1, "Dox:Engine:MaxRecoveries is at least 1.")
            .Validate(o => o.MaxCausationDepth >= 1, "Dox:Engine:MaxCausationDepth is at least 1.")
            .Validate(o => o.ServiceCalls.Values.All(most => most >= 1), "Dox:Engine:ServiceCalls names services with at least 1 call at once.")
            .ValidateOnStart();
        services.AddCheckedOptions<ServiceOptions>("Dox:Services", ServiceOptions.Problems)
            .Configure<IConfiguration>((options, configuration) => options.Read(configuration.GetSection("Dox:Services")));
        services.AddSingleton<ServiceDirectory>();
        services.AddSingleton<ServiceHealth>();
        services.AddHostedService(provider => provider.GetRequiredService<ServiceHealth>());
        services.AddCheckedOptions<PageOptions>("Dox:Pages", PageOptions.Problems);
        services.AddSingleton<PagePictures>();
        services.AddCheckedOptions<KeyOptions>("Dox:Keys", KeyOptions.Problems);
        AddRules(services);
        AddEngine(services, builder.Configuration);
        AddEvents(services, builder.Configuration);
    }

    /// <inheritdoc/>
    public void MapEndpoints(IEndpointRouteBuilder api)
    {
        UploadDocument.Map(api);
        ScanDocument.Map(api);
        ListDocuments.Map(api);
        GetDocument.Map(api);
        GetDocumentStatus.Map(api);
        GetDashboard.Map(api);
        GetDocumentContent.Map(api);
        GetDocumentPage.Map(api);
        HoldDocument.Map(api);
        DeleteDocument.Map(api);
        GetRetention.Map(api);
        StartWorkflow.Map(api);
        OperateInBulk.Map(api);
        PauseWorkflow.Map(api);
        ResumeWorkflow.Map(api);
        CancelWorkflow.Map(api);
        RetryWorkflow.Map(api);
        SkipWorkflow.Map(api);
        SignalWorkflow.Map(api);
        ChangeContext.Map(api);
        ReplayWorkflow.Map(api);
        ExplainWorkflow.Map(api);
        GetWorkflowGraph.Map(api);
        ListWorkflows.Map(api);
        GetWorkflow.Map(api);
        GetWorkflowHistory.Map(api);
        ListAudit.Map(api);
        ListRules.Map(api);
        GetRuleGraph.Map(api);
        GetRule.Map(api);
        ListRuleVersions.Map(api);
        PublishRule.Map(api);
        ValidateRule.Map(api);
        SimulateRule.Map(api);
        BacktestRule.Map(api);
        FollowEvents.Map(api);
        FollowRun.Map(api);
        ListResults.Map(api);
        GetServiceHealth.Map(api);
        CreateWebhook.Map(api);
        ListWebhooks.Map(api);
        DeleteWebhook.Map(api);
        RotateSecret.Map(api);
        ListDeliveries.Map(api);
        RedriveDeliveries.Map(api);
        ListDeadLetters.Map(api);
        RedriveDeadLetters.Map(api);
        DismissDeadLetter.Map(api);
        api.DataSources.Add(api.ServiceProvider.GetRequiredService<RuleRoutes>());
        CreateKey.Map(api);
        ListKeys.Map(api);
        RotateKey.Map(api);
        RevokeKey.Map(api);
    }

    private static void AddRules(IServiceCollection services)
    {
        services.AddSingleton<ModuleCall>();
        services.AddSingleton<ServiceLimits>();
        services.AddSingleton(provider => RuleVocabulary.Of(provider));
        services.AddSingleton<RuleParser>();
        services.AddSingleton<RuleBook>();
        services.AddHostedService(provider => provider.GetRequiredService<RuleBook>());
        services.AddHostedService<RuleReload>();
        services.AddSingleton<OwnRoutes>();
        services.AddSingleton<RuleRoutes>();
        services.AddHostedService(provider => provider.GetRequiredService<RuleRoutes>());
        services.AddHealthChecks().AddCheck<RuleHealth>("rules");
    }

    private static void AddEngine(IServiceCollection services, IConfiguration configuration)
    {
        if (configuration.UsesPostgreSql())
        {
            services.AddSingleton<INode, PostgreSqlNode>();
            services.AddSingleton<IRunStore, PostgreSqlRunStore>();
        }
        else
        {
            services.AddSingleton<INode, SqliteNode>();
            services.AddSingleton<IRunStore, SqliteRunStore>();
        }

        services.AddCheckedOptions<RetentionOptions>("Dox:Retention", RetentionOptions.Problems);
        if (configuration.UsesPostgreSql()) services.AddSingleton<HistoryPartitions>();
        services.AddSingleton<HistoryRetention>();
        services.AddHostedService<HistoryKeeper>();
        services.AddSingleton<IChainCheck, HistoryCheck>();
        services.AddSingleton<RuleInterpreter>();
        services.AddSingleton<EngineSignal>();
        services.AddSingleton<RunMessages>();
        services.AddSingleton<BankRelay>();
        services.AddHostedService(provider => provider.GetRequiredService<BankRelay>());
        services.AddSingleton<RunWriter>();
        services.AddSingleton<RunCheckpoints>();
        services.AddSingleton<RunClaims>();
        services.AddSingleton<RunAnswers>();
        services.AddSingleton<RunMetrics>();
        services.AddSingleton<IMetricReading>(provider => provider.GetRequiredService<RunMetrics>());
        services.AddHostedService(provider => provider.GetRequiredService<RunMetrics>());
        services.AddSingleton<RunInvariants>();
        services.AddHostedService(provider => provider.GetRequiredService<RunInvariants>());
        services.AddSingleton<RunOperations>();
        services.AddSingleton<IChainCheck, JournalChainCheck>();
        services.AddSingleton<RunEngine>();
        services.AddSingleton<QueueLag>();
        services.AddSingleton<IMetricReading, QueueMetrics>();
        services.AddSingleton<RunStarts>();
        services.AddHealthChecks().AddCheck<EngineHealth>("workflow_engine");
        services.AddHostedService(provider => provider.GetRequiredService<RunEngine>());
    }

    private static void AddEvents(IServiceCollection services, IConfiguration configuration)
    {
        services.AddCheckedOptions<EventOptions>("Dox:Events", EventOptions.Problems);
        if (configuration.UsesPostgreSql()) services.AddSingleton<IEventLog, PostgreSqlEventLog>();
        else services.AddSingleton<IEventLog, SqliteEventLog>();
        services.AddSingleton<EventWindow>();
        services.AddHostedService(provider => provider.GetRequiredService<EventWindow>());
        services.AddSingleton<FeedRelay>();
        services.AddHostedService(provider => provider.GetRequiredService<FeedRelay>());
        services.AddHostedService<EventBank>();
        services.AddSingleton<EventStream>();
        services.AddSingleton<FeedLead>();
        services.AddSingleton<IEventConsumer, ChannelPublisher>();
        services.AddCheckedOptions<WebhookOptions>("Dox:Webhooks", WebhookOptions.Problems);
        services.AddSingleton<ResolveHost>(Dns.GetHostAddressesAsync);
        services.AddSingleton<GuardedConnections>();
        services.AddSingleton<WebhookSecrets>();
        services.AddSingleton<WebhookClient>();
        services.AddSingleton<WebhookSender>();
        services.AddHostedService(provider => provider.GetRequiredService<WebhookSender>());
        services.AddSingleton<IEventConsumer, WebhookFanOut>();
        services.AddSingleton<TriggeredStarts>();
        services.AddHostedService<CronScheduler>();
        services.AddSingleton<IEventConsumer, EventTriggers>();
        services.AddSingleton<IEventConsumer, EventWaits>();
    }
}

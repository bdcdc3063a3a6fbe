using Dox.SharedKernel.Access;
using Dox.SharedKernel.Messages;

namespace Dox.Validation.Contracts;

/// <summary>Step 1: is the file's size within the limits?</summary>
[MessageName("validation.check-file-size.v1"), RuleFunction("check_file_size"), Requires(Role.Submitter)]
public sealed record CheckFileSize(SubmittedFile Document) : ICommand<StepResult>;

/// <summary>Step 2: do extension, declared type and magic bytes agree, and is the type allowed?</summary>
[MessageName("validation.check-mime-type.v1"), RuleFunction("validate_mime_type"), Requires(Role.Submitter)]
public sealed record CheckMimeType(SubmittedFile Document) : ICommand<StepResult>;

/// <summary>Step 3: what does the virus scanner say?</summary>
[MessageName("validation.scan-for-viruses.v1"), RuleFunction("scan_for_viruses"), RuleEndpoint("POST", "/api/validate/scan"), Requires(Role.Submitter)]
public sealed record ScanForViruses(SubmittedFile Document) : ICommand<StepResult>;

/// <summary>Step 4: may the caller and its account send one more? Counts it when it may.</summary>
[MessageName("validation.check-rate-limit.v1"), RuleFunction("check_rate_limit"), RuleEndpoint("POST", "/api/validate/rate-check"), Requires(Role.Submitter)]
public sealed record CheckRateLimit(SubmittedFile Document) : ICommand<StepResult>;

/// <summary>Step 5: does the file open as what it claims to be, within the limits of size, depth and active content?</summary>
[MessageName("validation.check-format.v1"), RuleFunction("validate_format_specific"), Requires(Role.Submitter)]
public sealed record CheckFormat(SubmittedFile Document) : ICommand<StepResult>;

/// <summary>All five steps, in their order. Keeps nothing.</summary>
/// <param name="Document">Staged.</param>
/// <param name="IsTrial">Whether it is looked at and not kept: then it counts nowhere, isn't scanned again later, and doesn't go to quarantine.</param>
[MessageName("validation.validate-file.v1"), RuleEndpoint("POST", "/api/validate/file"), Requires(Role.Submitter, Role.Author)]
public sealed record ValidateFile(SubmittedFile Document, bool IsTrial = false) : ICommand<ValidationResult>;

using System.Text.Json;
using Dox.Orchestration.Contracts;
using Dox.Orchestration.Data;
using Dox.SharedKernel;
using Dox.SharedKernel.Errors;
using FluentValidation;
using MediatR;
using Microsoft.EntityFrameworkCore;

namespace Dox.Orchestration.Documents;

internal sealed class AssociateDocumentValidator : AbstractValidator<AssociateDocument>
{
    public AssociateDocumentValidator()
    {
        RuleFor(c => c.AccountId).MaximumLength(200).WithErrorCode("account_too_long").WithMessage("An account's name has at most 200 characters.");
        RuleFor(c => c.TemplateId).MaximumLength(200).WithErrorCode("template_too_long").WithMessage("A template's id has at most 200 characters.");
    }
}

internal sealed class AssociateDocumentHandler(OrchestrationDbContext db) : IRequestHandler<AssociateDocument, DocumentAssociation>
{
    public async Task<DocumentAssociation> Handle(AssociateDocument command, CancellationToken cancellationToken)
    {
        var document = await db.Documents.SingleOrDefaultAsync(d => d.Id == command.Document.Id, cancellationToken)
            ?? throw DoxException.NotFound("document", command.Document.Id.ToString());
        document.DemandNotDeleted();
        document.Associate(
            command.AccountId, command.TemplateId, command.Confidence, command.Fields is null ? null : JsonSerializer.Serialize(command.Fields, DoxJson.Options));
        await db.SaveChangesAsync(cancellationToken);
        return new(document.Id, document.AssociatedAccount ?? document.Account, document.TemplateId);
    }
}

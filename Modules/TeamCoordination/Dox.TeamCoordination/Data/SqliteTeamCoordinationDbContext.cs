using Dox.SharedKernel.Infrastructure.Data;
using Microsoft.EntityFrameworkCore;

namespace Dox.TeamCoordination.Data;

internal sealed class SqliteTeamCoordinationDbContext(DbContextOptions<SqliteTeamCoordinationDbContext> options, ModuleDbServices? services)
    : TeamCoordinationDbContext(options, services);

#!/usr/bin/env bash
# Adds a migration to a module, for PostgreSQL and for SQLite: Modules/add-migration.sh Validation AddVerdicts
set -euo pipefail
module=${1:?which module, for example Validation} name=${2:?a name for the migration, for example AddVerdicts}
cd "$(dirname "$0")/.."
project="Modules/$module/Dox.$module"
dotnet tool restore >/dev/null
dotnet build "$project" -v quiet -nologo
for provider in PostgreSql Sqlite; do
  context="${module}DbContext"
  [ "$provider" = Sqlite ] && context="Sqlite${module}DbContext"
  dotnet ef migrations add "$name" --no-build --project "$project" --startup-project "$project" --context "$context" --output-dir "Data/Migrations/$provider"
done

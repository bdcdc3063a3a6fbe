using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Dox.Orchestration.Data.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class DocumentWords : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "words",
                table: "documents",
                type: "TEXT",
                nullable: false,
                defaultValue: "");
            // What is here already is found by its name; anything else of it once its fields are set anew
            migrationBuilder.Sql("UPDATE documents SET words = ' ' || trim(lower(replace(replace(replace(file_name, '.', ' '), '_', ' '), '-', ' '))) || ' ' WHERE file_name <> ''");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "words",
                table: "documents");
        }
    }
}

using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Dox.Orchestration.Data.Migrations.PostgreSql
{
    /// <inheritdoc />
    public partial class DocumentWords : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "words",
                schema: "orchestration",
                table: "documents",
                type: "text",
                nullable: false,
                defaultValue: "");
            // What is here already is found by its name; anything else of it once its fields are set anew
            migrationBuilder.Sql("UPDATE orchestration.documents SET words = ' ' || btrim(regexp_replace(lower(file_name), '[^[:alnum:]]+', ' ', 'g')) || ' ' WHERE file_name <> ''");
            // Its expression is that of DocumentWords: the one isn't used for another
            migrationBuilder.Sql("CREATE INDEX ix_documents_words ON orchestration.documents USING gin (array_to_tsvector(string_to_array(btrim(words), ' ')))");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "words",
                schema: "orchestration",
                table: "documents");
        }
    }
}

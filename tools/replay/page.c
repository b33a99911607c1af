#include "tools/replay/page.h"

#include "base/json_write.h"
#include "tools/replay/page_template.h"

/* Where the data goes in the template. */
static const char mark[] = "\"DATA\"";

/* JSON within <script>: no "</" may end it early. */
static void write_json(FILE *file, struct span json)
{
    for (size_t i = 0; i < json.size; i++) {
        if (json.data[i] == '/' && i > 0 && json.data[i - 1] == '<')
            fputc('\\', file);
        fputc(json.data[i], file);
    }
}

static const uint8_t *find_mark(void)
{
    const uint8_t *found = memmem(page_template, page_template_size, mark, sizeof(mark) - 1);

    must(found != NULL);
    return found;
}

void page_begin(struct page *page, FILE *file, struct span document)
{
    struct buffer head = {0};

    *page = (struct page){.file = file};
    fwrite(page_template, 1, (size_t)(find_mark() - page_template), file);
    buffer_append_text(&head, "{\"document\":");
    json_write_string(&head, document);
    buffer_append_text(&head, ",\"operations\":[");
    write_json(file, buffer_span(&head));
    buffer_finish(&head);
}

void page_add(struct page *page, const struct account *account)
{
    struct buffer json = {0};

    account_json(account, &json);
    fputs(page->has_one ? ",\n" : "\n", page->file);
    page->has_one = true;
    write_json(page->file, buffer_span(&json));
    buffer_finish(&json);
}

void page_end(struct page *page)
{
    const uint8_t *rest = find_mark() + sizeof(mark) - 1;

    fputs("]}", page->file);
    fwrite(rest, 1, (size_t)(page_template + page_template_size - rest), page->file);
}

/* page - accounts as one self-contained web page: who wrote when, and how each operation was moved.
 *
 * The page holds its data, its style and its script, and loads nothing. */
#ifndef TOOLS_REPLAY_PAGE_H
#define TOOLS_REPLAY_PAGE_H

#include <stdio.h>

#include "tools/replay/account.h"

struct page {
    FILE *file;
    bool has_one; /* an operation was written */
};

/* Begin the page of one document; the file stays the caller's. */
void page_begin(struct page *page, FILE *file, struct span document);
void page_add(struct page *page, const struct account *account);
void page_end(struct page *page);

#endif

/* page_template - the bytes of page.html, built into the program. */
#ifndef TOOLS_REPLAY_PAGE_TEMPLATE_H
#define TOOLS_REPLAY_PAGE_TEMPLATE_H

#include <stddef.h>
#include <stdint.h>

extern const uint8_t page_template[];
extern const size_t page_template_size;

#endif

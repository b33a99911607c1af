#ifndef PROTOCOL_WRONG_H
#define PROTOCOL_WRONG_H

static inline void wrong(void)
{
    fprintf(stderr, "here\n");
}

#endif

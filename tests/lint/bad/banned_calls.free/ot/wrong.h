#ifndef OT_WRONG_H
#define OT_WRONG_H

static inline void wrong(char *memory)
{
    free(memory);
}

#endif

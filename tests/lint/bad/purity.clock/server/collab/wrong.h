#ifndef SERVER_COLLAB_WRONG_H
#define SERVER_COLLAB_WRONG_H

static inline long wrong(void)
{
    return time(NULL);
}

#endif

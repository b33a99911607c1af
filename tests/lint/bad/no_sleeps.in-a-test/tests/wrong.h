#ifndef TESTS_WRONG_H
#define TESTS_WRONG_H

static inline void wrong(void)
{
    usleep(1000);
}

#endif

#ifndef TESTS_WRONG_H
#define TESTS_WRONG_H

static inline void wrong(int value)
{
    assert(value == 0);
}

#endif

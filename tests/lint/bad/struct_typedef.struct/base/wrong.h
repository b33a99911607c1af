#ifndef BASE_WRONG_H
#define BASE_WRONG_H

typedef struct wrong {
    int value;
} wrong;

#endif

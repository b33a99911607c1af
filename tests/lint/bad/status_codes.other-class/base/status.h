#ifndef BASE_STATUS_H
#define BASE_STATUS_H

#define STATUS_TABLE(X)                                                                            \
    X(OK, STATUS_CLASS_INNER, 0, "ok")                                                             \
    X(AWAY, STATUS_RETRY, 100, "the store cannot be reached")

#endif

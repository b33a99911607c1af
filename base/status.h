/* status - every way a call can fail, in one table.
 *
 * A status has a class, and the class decides what a client does with it:
 *
 *   class   a peer that gets it
 *   RETRY   sends the same thing again, later ("refused for now": the serial stays open)
 *   FIX     must not send it again as it is ("refused for good": the serial is spent)
 *   LOGIN   gets a new token, then sends again
 *   FINAL   does not come back by itself
 *
 * The code travels on the wire; its hundreds are the class. INNER statuses are between
 * our own layers and never reach a peer. */
#ifndef BASE_STATUS_H
#define BASE_STATUS_H

#include "base/must.h"

enum status_class { STATUS_CLASS_INNER, STATUS_RETRY, STATUS_FIX, STATUS_LOGIN, STATUS_FINAL };

/* X(name, class, code, text) */
#define STATUS_TABLE(X)                                                                            \
    X(OK, STATUS_CLASS_INNER, 0, "ok")                                                             \
    /* Between layers. */                                                                          \
    X(NOT_FOUND, STATUS_CLASS_INNER, 1, "there is no such record")                                 \
    X(FENCED, STATUS_CLASS_INNER, 2, "another claim of the document came first")                   \
    X(FAILED, STATUS_CLASS_INNER, 3, "the store did not take it")                                  \
    X(UNKNOWN, STATUS_CLASS_INNER, 4, "the store may or may not have taken it")                    \
    X(CORRUPT, STATUS_CLASS_INNER, 5, "the store holds something that cannot be")                  \
    X(MORE, STATUS_CLASS_INNER, 6, "more bytes are needed")                                        \
    /* Refused for now. */                                                                         \
    X(AWAY, STATUS_RETRY, 100, "the store cannot be reached")                                      \
    X(BUSY, STATUS_RETRY, 101, "too much is waiting")                                              \
    X(WHO_TAKEN, STATUS_RETRY, 102, "another session has this name in the document")               \
    X(REBASE, STATUS_RETRY, 103, "send it again in its rebased form")                              \
    X(BEHIND, STATUS_RETRY, 104, "too far behind: open the document again")                        \
    X(LEAVING, STATUS_RETRY, 105, "this node is shutting down")                                    \
    /* Refused for good. */                                                                        \
    X(MALFORMED_JSON, STATUS_FIX, 200, "not JSON")                                                 \
    X(MALFORMED_UTF8, STATUS_FIX, 201, "not well-formed Unicode")                                  \
    X(TOO_LARGE, STATUS_FIX, 202, "larger than the limit")                                         \
    X(TOO_DEEP, STATUS_FIX, 203, "nested deeper than the limit")                                   \
    X(TOO_MANY_NODES, STATUS_FIX, 204, "more JSON values than the limit")                          \
    X(MALFORMED_MESSAGE, STATUS_FIX, 205, "not a message of this protocol")                        \
    X(MALFORMED_NAME, STATUS_FIX, 206, "not a document name")                                      \
    X(MALFORMED_OPERATION, STATUS_FIX, 207, "not an operation of this type")                       \
    X(NOT_APPLICABLE, STATUS_FIX, 208, "the operation does not fit the document")                  \
    X(TYPE_UNKNOWN, STATUS_FIX, 209, "no such document type")                                      \
    X(TYPE_DIFFERS, STATUS_FIX, 210, "the document has another type")                              \
    X(NOT_CREATED, STATUS_FIX, 211, "the document does not exist")                                 \
    X(CREATED, STATUS_FIX, 212, "the document was created meanwhile")                              \
    X(DELETED, STATUS_FIX, 213, "the document was deleted")                                        \
    X(NOT_OPEN, STATUS_FIX, 214, "the document is not open on this connection")                    \
    X(FROM_THE_FUTURE, STATUS_FIX, 215, "the base lies beyond the head")                           \
    X(BASE_TOO_OLD, STATUS_FIX, 216, "the base lies before the session's last operation")          \
    X(REPEATED, STATUS_FIX, 217, "this serial has its seq already")                                \
    X(OVERFLOW, STATUS_FIX, 218, "the number would leave the safe integers")                       \
    X(MALFORMED_DOCUMENT, STATUS_FIX, 219, "not a document of this type")                          \
    X(OPEN_TWICE, STATUS_FIX, 220, "the document is open on this connection already")              \
    X(BEYOND_HEAD, STATUS_FIX, 221, "the history has not come so far")                             \
    X(FOLDED, STATUS_FIX, 222, "that part of the history is not kept any more")                    \
    X(NO_PATH, STATUS_FIX, 223, "there is nothing at this path")                                   \
    X(WRONG_METHOD, STATUS_FIX, 224, "this path does not take this method")                        \
    X(CONTENT_TYPE, STATUS_FIX, 225, "the body has to be application/json")                        \
    X(NO_VERSION, STATUS_FIX, 226, "no version has this name")                                     \
    /* Log in again. */                                                                            \
    X(TOKEN_EXPIRED, STATUS_LOGIN, 300, "the token has expired")                                   \
    X(TOKEN_REFUSED, STATUS_LOGIN, 301, "the token does not allow this")                           \
    /* Final. */                                                                                   \
    X(TAKEN, STATUS_FINAL, 400, "a newer connection has this session")                             \
    X(SERIAL_GAP, STATUS_FINAL, 401, "a serial was left out")                                      \
    X(PROTOCOL, STATUS_FINAL, 402, "the connection broke the protocol")                            \
    X(ORIGIN, STATUS_FINAL, 403, "this origin is not allowed")                                     \
    X(TOO_MANY, STATUS_FINAL, 404, "more of this than one connection may have")                    \
    X(BROKEN, STATUS_FINAL, 405, "the stored document cannot be read")

enum status {
#define STATUS_NAME(name, class, code, text) STATUS_##name,
    STATUS_TABLE(STATUS_NAME)
#undef STATUS_NAME
        STATUS_COUNT
};

/* The number on the wire. */
int status_code(enum status status);

/* The status with this number on the wire; STATUS_COUNT when there is none. */
enum status status_of_code(int code);

enum status_class status_class(enum status status);

/* One line without a final stop, never NULL. */
const char *status_text(enum status status);

#endif

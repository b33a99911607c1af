/* must - the answer to our own fault: abort, in release builds too.
 *
 * A broken invariant loses nothing acknowledged: the process stops before it can
 * write anything wrong, and starts again from the store. A peer's fault and the
 * world's fault are never `must`; they are `enum status` (base/status.h). */
#ifndef BASE_MUST_H
#define BASE_MUST_H

/* The caller has to look at the result. */
#define MUST_CHECK __attribute__((warn_unused_result))

/* `text` is the number of the format argument, `first` that of the first value. */
#define PRINTF_LIKE(text, first) __attribute__((format(printf, text, first)))

#define must(condition)                                                                            \
    ((condition) ? (void)0 : must_failed(__FILE__, __LINE__, __func__, #condition))

/* Print the broken condition and its place to stderr, then abort. */
_Noreturn void must_failed(const char *file, int line, const char *function, const char *condition);

#endif

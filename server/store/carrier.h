/* carrier - what `direct` and `worker` share. Inner to server/store. */
#ifndef SERVER_STORE_CARRIER_H
#define SERVER_STORE_CARRIER_H

#include <stdbool.h>
#include <stddef.h>

#include "server/store/store.h"

/* Requests in the order they were submitted; the links are in the requests. A zeroed queue is an
 * empty one. */
struct queue {
    struct store_request *first;
    struct store_request *last; /* undefined while `first` is NULL */
};

static inline bool queue_empty(const struct queue *queue)
{
    return queue->first == NULL;
}

static inline void queue_append(struct queue *queue, struct store_request *request)
{
    request->next = NULL;
    if (queue->first == NULL)
        queue->first = request;
    else
        queue->last->next = request;
    queue->last = request;
}

/* The oldest request, or NULL. From here on its link is free for another queue. */
static inline struct store_request *queue_take(struct queue *queue)
{
    struct store_request *request = queue->first;

    if (request != NULL)
        queue->first = request->next;
    return request;
}

/* Everything; the queue is empty afterwards. */
static inline struct queue queue_take_all(struct queue *queue)
{
    struct queue all = *queue;

    queue->first = NULL;
    return all;
}

/* Hand a reason on: it is told once. Without one, what `to` has stays. */
static inline void fault_move(struct fault *to, struct fault *from)
{
    if (from->text[0] == '\0')
        return;
    *to = *from;
    from->text[0] = '\0';
}

#endif

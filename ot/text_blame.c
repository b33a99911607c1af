#include "ot/text_blame.h"

#include <string.h>

#include "base/memory.h"
#include "ot/avl.h"
#include "ot/text_operation.h"

/* Shared by the runs that are of it. */
struct origin {
    size_t runs;
    struct text_origin words; /* its spans lie in `bytes` */
    uint8_t bytes[];
};

struct run {
    struct avl avl;
    struct origin *origin;
    uint64_t sum;    /* code points of the subtree … */
    uint64_t points; /* … and of this run */
};

struct text_blame {
    struct run *root;
    size_t runs;
};

/* ---- One run ---- */

static struct origin *origin_create(const struct text_origin *words)
{
    struct origin *origin = memory_allocate(sizeof(*origin) + words->who.size + words->user.size);

    origin->runs = 0;
    origin->words = *words;
    origin->words.who = span_of(origin->bytes, words->who.size);
    origin->words.user = span_of(origin->bytes + words->who.size, words->user.size);
    if (words->who.size > 0)
        memcpy(origin->bytes, words->who.data, words->who.size);
    if (words->user.size > 0)
        memcpy(origin->bytes + words->who.size, words->user.data, words->user.size);
    return origin;
}

static struct run *run_of(const struct avl *avl)
{
    return avl == NULL ? NULL : container_of(avl, struct run, avl);
}

static struct avl *avl_of(struct run *run)
{
    return run == NULL ? NULL : &run->avl;
}

static struct run *left_of(const struct run *run)
{
    return run_of(run->avl.left);
}

static struct run *right_of(const struct run *run)
{
    return run_of(run->avl.right);
}

static uint64_t sum_of(const struct run *root)
{
    return root == NULL ? 0 : root->sum;
}

static void update_sum(struct avl *avl)
{
    struct run *run = run_of(avl);

    run->sum = sum_of(left_of(run)) + run->points + sum_of(right_of(run));
}

static struct run *run_create(struct text_blame *blame, uint64_t points, struct origin *origin)
{
    struct run *run = memory_zeroed(1, sizeof(*run));

    run->points = points;
    run->origin = origin;
    avl_update(&run->avl, update_sum);
    origin->runs++;
    blame->runs++;
    return run;
}

static void run_destroy(struct text_blame *blame, struct run *run)
{
    blame->runs--;
    if (--run->origin->runs == 0)
        memory_free(run->origin);
    memory_free(run);
}

static void destroy_all(struct text_blame *blame, struct run *root)
{
    if (root == NULL)
        return;
    destroy_all(blame, left_of(root));
    destroy_all(blame, right_of(root));
    run_destroy(blame, root);
}

/* ---- Trees ---- */

static struct run *join(struct run *left, struct run *run, struct run *right)
{
    return run_of(avl_join(avl_of(left), &run->avl, avl_of(right), update_sum));
}

static bool is_of_one_origin(const struct run *left, const struct run *right)
{
    while (right_of(left) != NULL)
        left = right_of(left);
    while (left_of(right) != NULL)
        right = left_of(right);
    return left->origin->words.seq == right->origin->words.seq;
}

static void extend_last(struct run *root, uint64_t points)
{
    root->sum += points;
    if (right_of(root) != NULL)
        extend_last(right_of(root), points);
    else
        root->points += points;
}

/* One tree of both; the runs that meet become one if they are of one origin. */
static struct run *concatenate(struct text_blame *blame, struct run *left, struct run *right)
{
    struct avl *first;

    if (left == NULL || right == NULL)
        return left == NULL ? right : left;
    if (is_of_one_origin(left, right)) {
        right = run_of(avl_take_first(&right->avl, &first, update_sum));
        extend_last(left, run_of(first)->points);
        run_destroy(blame, run_of(first));
    }
    return run_of(avl_concatenate(avl_of(left), avl_of(right), update_sum));
}

/* Cut in front of code point `at`. */
static void split(struct text_blame *blame, struct run *root, uint64_t at, struct run **left,
                  struct run **right)
{
    struct run *part;

    if (root == NULL) {
        *left = NULL;
        *right = NULL;
        return;
    }
    struct run *before = left_of(root), *after = right_of(root);
    uint64_t begin = sum_of(before), end = begin + root->points;

    if (at <= begin) {
        split(blame, before, at, left, &part);
        *right = join(part, root, after);
    } else if (at >= end) {
        split(blame, after, at - end, &part, right);
        *left = join(before, root, part);
    } else {
        struct run *tail = run_create(blame, end - at, root->origin);

        root->points = at - begin;
        *left = join(before, root, NULL);
        *right = join(NULL, tail, after);
    }
}

/* ---- The text ---- */

struct text_blame *text_blame_create(void)
{
    return memory_zeroed(1, sizeof(struct text_blame));
}

void text_blame_destroy(struct text_blame *blame)
{
    if (blame == NULL)
        return;
    destroy_all(blame, blame->root);
    memory_free(blame);
}

void text_blame_reset(struct text_blame *blame, uint64_t points, const struct text_origin *origin)
{
    destroy_all(blame, blame->root);
    blame->root = NULL;
    if (points > 0)
        blame->root = run_create(blame, points, origin_create(origin));
}

/* What an operation passes over, and how much of the text it names so. */
struct measure {
    uint64_t reach;
    uint64_t inserted;
};

static struct measure measure(const struct operation *operation)
{
    struct measure sums = {0};
    struct text_walk walk;
    struct text_piece piece;

    text_walk_init(&walk, operation);
    while (text_walk_next(&walk, &piece))
        *(piece.kind == TEXT_INSERT ? &sums.inserted : &sums.reach) += piece.points;
    return sums;
}

/* From front to back: what is done lies in `done`, what is still to come in `rest`. */
static struct run *step_through(struct text_blame *blame, struct run *rest,
                                const struct operation *operation, struct origin *origin)
{
    struct run *done = NULL;
    struct run *part;
    struct text_walk walk;
    struct text_piece piece;

    text_walk_init(&walk, operation);
    while (text_walk_next(&walk, &piece)) {
        if (piece.kind == TEXT_INSERT) {
            part = run_create(blame, piece.points, origin);
        } else {
            split(blame, rest, piece.points, &part, &rest);
            if (piece.kind == TEXT_DELETE) {
                destroy_all(blame, part);
                part = NULL;
            }
        }
        done = concatenate(blame, done, part);
    }
    return concatenate(blame, done, rest);
}

enum status text_blame_apply(struct text_blame *blame, const struct operation *operation,
                             const struct text_origin *origin)
{
    struct measure sums = measure(operation);

    if (sums.reach > text_blame_points(blame))
        return STATUS_NOT_APPLICABLE;
    struct origin *shared = sums.inserted > 0 ? origin_create(origin) : NULL;

    if (shared != NULL)
        shared->runs++; /* ours, until all is in place: a run of it may become one with another */
    blame->root = step_through(blame, blame->root, operation, shared);
    if (shared != NULL && --shared->runs == 0)
        memory_free(shared);
    return STATUS_OK;
}

uint64_t text_blame_points(const struct text_blame *blame)
{
    return sum_of(blame->root);
}

size_t text_blame_runs(const struct text_blame *blame)
{
    return blame->runs;
}

bool text_blame_at(const struct text_blame *blame, uint64_t at_points, struct text_run *run)
{
    const struct run *node = blame->root;

    if (at_points >= sum_of(node))
        return false;
    for (;;) {
        uint64_t begin = sum_of(left_of(node)), end = begin + node->points;

        if (at_points >= begin && at_points < end) {
            *run = (struct text_run){.points = end - at_points, .origin = node->origin->words};
            return true;
        }
        node = at_points < begin ? left_of(node) : right_of(node);
        if (at_points >= end)
            at_points -= end;
    }
}

/* ---- For tests ---- */

static int sound_height(const struct run *root, const struct run **last, size_t *runs)
{
    if (root == NULL)
        return 0;
    int left = sound_height(left_of(root), last, runs);
    bool differs = *last == NULL || (*last)->origin->words.seq != root->origin->words.seq;

    *last = root;
    ++*runs;
    int right = sound_height(right_of(root), last, runs);
    bool sound = differs && left >= 0 && right >= 0 && left - right <= 1 && right - left <= 1 &&
                 root->points > 0 && root->origin->runs > 0 &&
                 root->avl.height == (left > right ? left : right) + 1 &&
                 root->sum == sum_of(left_of(root)) + root->points + sum_of(right_of(root));

    return sound ? root->avl.height : -1;
}

bool text_blame_is_sound(const struct text_blame *blame)
{
    const struct run *last = NULL;
    size_t runs = 0;

    return sound_height(blame->root, &last, &runs) >= 0 && runs == blame->runs;
}

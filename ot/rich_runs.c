#include "ot/rich_runs.h"

#include "base/memory.h"
#include "base/utf8.h"
#include "ot/avl.h"

enum { PART_BYTES = 15, PART_NODES = 2 }; /* {"insert":""}, and its comma */

struct rich_run {
    struct avl avl;
    struct rich_sum sum; /* of the subtree */
    json_t *attributes;
    json_t *embed;
    struct value_size extra; /* of attributes and embed */
    uint32_t utf16;          /* of this run */
    uint16_t size;           /* bytes of its text */
    uint8_t text[RICH_RUN_BYTES];
};

/* ---- One run ---- */

static struct rich_run *run_of(const struct avl *avl)
{
    return avl == NULL ? NULL : container_of(avl, struct rich_run, avl);
}

static struct avl *avl_of(struct rich_run *run)
{
    return run == NULL ? NULL : &run->avl;
}

static struct rich_run *left_of(const struct rich_run *run)
{
    return run_of(run->avl.left);
}

static struct rich_run *right_of(const struct rich_run *run)
{
    return run_of(run->avl.right);
}

struct rich_sum rich_runs_sum(const struct rich_run *root)
{
    return root == NULL ? (struct rich_sum){0} : root->sum;
}

/* After attributes or embed were set. */
static void measure_extra(struct rich_run *run)
{
    struct value_size attributes = {0}, embed = {0};

    if (run->attributes != NULL)
        attributes = value_measure(run->attributes);
    if (run->embed != NULL)
        embed = value_measure(run->embed);
    run->extra.bytes = attributes.bytes + embed.bytes + (run->attributes != NULL ? 14 : 0);
    run->extra.nodes = attributes.nodes + embed.nodes;
}

static struct rich_sum sum_of_run(const struct rich_run *run)
{
    return (struct rich_sum){.utf16 = run->utf16,
                             .runs = 1,
                             .bytes = run->size + PART_BYTES + run->extra.bytes,
                             .nodes = PART_NODES + run->extra.nodes};
}

static struct rich_sum sum_both(struct rich_sum a, struct rich_sum b)
{
    return (struct rich_sum){.utf16 = a.utf16 + b.utf16,
                             .runs = a.runs + b.runs,
                             .bytes = a.bytes + b.bytes,
                             .nodes = a.nodes + b.nodes};
}

static void update_sum(struct avl *avl)
{
    struct rich_run *run = run_of(avl);

    run->sum = sum_both(sum_both(rich_runs_sum(left_of(run)), rich_runs_sum(right_of(run))),
                        sum_of_run(run));
}

/* The run's sum and height, after it or what is below has changed. */
static void update(struct rich_run *run)
{
    avl_update(&run->avl, update_sum);
}

static struct rich_run *run_create(struct span text, json_t *embed, json_t *attributes)
{
    struct rich_run *run = memory_allocate(sizeof(*run));

    must(text.size <= RICH_RUN_BYTES);
    run->avl = (struct avl){0};
    run->attributes = json_incref(attributes);
    run->embed = json_incref(embed);
    run->utf16 = embed != NULL ? 1 : (uint32_t)utf8_utf16(text);
    run->size = (uint16_t)text.size;
    memcpy(run->text, text.data, text.size);
    measure_extra(run);
    update(run);
    return run;
}

static void run_free(struct rich_run *run)
{
    json_decref(run->attributes);
    json_decref(run->embed);
    memory_free(run);
}

static struct span run_text(const struct rich_run *run)
{
    return span_of(run->text, run->size);
}

static size_t run_offset(const struct rich_run *run, uint64_t utf16)
{
    size_t offset = 0;

    must(utf8_offset_of_utf16(run_text(run), (size_t)utf16, &offset));
    return offset;
}

void rich_runs_destroy(struct rich_run *root)
{
    if (root == NULL)
        return;
    rich_runs_destroy(left_of(root));
    rich_runs_destroy(right_of(root));
    run_free(root);
}

struct rich_run *rich_runs_copy(const struct rich_run *root)
{
    if (root == NULL)
        return NULL;
    struct rich_run *run = memory_copy(root, sizeof(*root));

    json_incref(run->attributes);
    json_incref(run->embed);
    run->avl.left = avl_of(rich_runs_copy(left_of(root)));
    run->avl.right = avl_of(rich_runs_copy(right_of(root)));
    return run;
}

/* ---- Joining and splitting trees ---- */

static struct rich_run *join(struct rich_run *left, struct rich_run *middle, struct rich_run *right)
{
    return run_of(avl_join(avl_of(left), &middle->avl, avl_of(right), update_sum));
}

static struct rich_run *take_first(struct rich_run *root, struct rich_run **first)
{
    struct avl *taken;
    struct avl *rest = avl_take_first(&root->avl, &taken, update_sum);

    *first = run_of(taken);
    return run_of(rest);
}

/* Put the text of `next` behind the last run, if the two make one. */
static bool extend_last(struct rich_run *root, const struct rich_run *next)
{
    if (right_of(root) != NULL) {
        if (!extend_last(right_of(root), next))
            return false;
    } else {
        if (root->embed != NULL || next->embed != NULL ||
            root->size + next->size > RICH_RUN_BYTES ||
            !rich_attributes_equal(root->attributes, next->attributes))
            return false;
        memcpy(root->text + root->size, next->text, next->size);
        root->size = (uint16_t)(root->size + next->size);
        root->utf16 += next->utf16;
    }
    update(root);
    return true;
}

/* One tree of both; the runs that meet become one where they can. */
static struct rich_run *concatenate(struct rich_run *left, struct rich_run *right)
{
    struct rich_run *first;

    if (left == NULL || right == NULL)
        return left == NULL ? right : left;
    right = take_first(right, &first);
    if (extend_last(left, first)) {
        run_free(first);
        if (right == NULL)
            return left;
        right = take_first(right, &first);
    }
    return join(left, first, right);
}

/* Cut at a boundary. */
static void split(struct rich_run *root, uint64_t at, struct rich_run **left,
                  struct rich_run **right)
{
    struct rich_run *part;

    if (root == NULL) {
        *left = NULL;
        *right = NULL;
        return;
    }
    uint64_t begin = rich_runs_sum(left_of(root)).utf16, end = begin + root->utf16;
    struct rich_run *before = left_of(root), *after = right_of(root);
    if (at <= begin) {
        split(before, at, left, &part);
        *right = join(part, root, after);
    } else if (at >= end) {
        split(after, at - end, &part, right);
        *left = join(before, root, part);
    } else {
        size_t offset = run_offset(root, at - begin);
        struct rich_run *tail =
            run_create(span_of(root->text + offset, root->size - offset), NULL, root->attributes);

        root->size = (uint16_t)offset;
        root->utf16 = (uint32_t)(at - begin);
        *left = join(before, root, NULL);
        *right = join(NULL, tail, after);
    }
}

/* ---- Places ---- */

bool rich_runs_is_boundary(const struct rich_run *root, uint64_t at)
{
    while (root != NULL) {
        uint64_t begin = rich_runs_sum(left_of(root)).utf16, end = begin + root->utf16;
        size_t offset;

        if (at == begin || at == end)
            return true;
        if (at > begin && at < end)
            return utf8_offset_of_utf16(run_text(root), (size_t)(at - begin), &offset);
        root = at < begin ? left_of(root) : right_of(root);
        if (at > end)
            at -= end;
    }
    return at == 0;
}

size_t rich_runs_before(const struct rich_run *root, uint64_t at)
{
    size_t runs = 0;

    while (root != NULL) {
        uint64_t begin = rich_runs_sum(left_of(root)).utf16;

        if (at <= begin) {
            root = left_of(root);
        } else {
            runs += rich_runs_sum(left_of(root)).runs + 1;
            if (at <= begin + root->utf16)
                return runs;
            at -= begin + root->utf16;
            root = right_of(root);
        }
    }
    return runs;
}

/* ---- Edits ---- */

/* Typing: put text into the run that holds or ends at the place, when it has room. */
static bool insert_into(struct rich_run *root, uint64_t at, const struct rich_piece *piece)
{
    if (root == NULL)
        return false;
    uint64_t begin = rich_runs_sum(left_of(root)).utf16, end = begin + root->utf16;
    bool done;
    if (at <= begin && left_of(root) != NULL) {
        done = insert_into(left_of(root), at, piece);
    } else if (at > end) {
        done = insert_into(right_of(root), at - end, piece);
    } else if (root->embed != NULL || root->size + piece->text.size > RICH_RUN_BYTES ||
               !rich_attributes_equal(root->attributes, piece->attributes)) {
        done = false;
    } else {
        size_t offset = run_offset(root, at - begin);

        memmove(root->text + offset + piece->text.size, root->text + offset, root->size - offset);
        memcpy(root->text + offset, piece->text.data, piece->text.size);
        root->size = (uint16_t)(root->size + piece->text.size);
        root->utf16 += (uint32_t)piece->utf16;
        done = true;
    }
    if (done) {
        root->sum.bytes += piece->text.size;
        root->sum.utf16 += piece->utf16;
    }
    return done;
}

/* The end of the longest piece from `from` that fits into one run, between code points. */
static size_t chunk_end(struct span text, size_t from)
{
    size_t end = from + RICH_RUN_BYTES;

    if (end >= text.size)
        return text.size;
    while ((text.data[end] & 0xC0) == 0x80)
        end--;
    return end;
}

static struct rich_run *tree_of_piece(const struct rich_piece *piece)
{
    struct rich_run *root = NULL;

    if (piece->embed != NULL)
        return run_create(SPAN(""), piece->embed, piece->attributes);
    for (size_t from = 0, end; from < piece->text.size; from = end) {
        end = chunk_end(piece->text, from);
        root = join(
            root, run_create(span_of(piece->text.data + from, end - from), NULL, piece->attributes),
            NULL);
    }
    return root;
}

struct rich_run *rich_runs_insert(struct rich_run *root, uint64_t at,
                                  const struct rich_piece *piece)
{
    struct rich_run *left, *right;

    if (piece->embed == NULL && piece->text.size <= RICH_RUN_BYTES && insert_into(root, at, piece))
        return root;
    split(root, at, &left, &right);
    return concatenate(concatenate(left, tree_of_piece(piece)), right);
}

struct rich_run *rich_runs_delete(struct rich_run *root, uint64_t at, uint64_t utf16)
{
    struct rich_run *left, *middle, *right;

    split(root, at, &left, &right);
    split(right, utf16, &middle, &right);
    rich_runs_destroy(middle);
    return concatenate(left, right);
}

/* Append the runs of `root`, each with the attributes composed, to `done`. */
static struct rich_run *format_all(struct rich_run *root, json_t *attributes, struct rich_run *done)
{
    if (root == NULL)
        return done;
    struct rich_run *right = right_of(root);

    done = format_all(left_of(root), attributes, done);
    json_t *composed = rich_attributes_compose(root->attributes, attributes, false);
    json_decref(root->attributes);
    root->attributes = composed;
    measure_extra(root);
    root->avl = (struct avl){0};
    update(root);
    return format_all(right, attributes, concatenate(done, root));
}

struct rich_run *rich_runs_format(struct rich_run *root, uint64_t at, uint64_t utf16,
                                  json_t *attributes)
{
    struct rich_run *left, *middle, *right;

    split(root, at, &left, &right);
    split(right, utf16, &middle, &right);
    return concatenate(format_all(middle, attributes, left), right);
}

/* ---- Reading ---- */

void rich_runs_read(const struct rich_run *root, uint64_t at, uint64_t utf16,
                    struct rich_delta *delta)
{
    if (root == NULL || utf16 == 0)
        return;
    uint64_t begin = rich_runs_sum(left_of(root)).utf16, end = begin + root->utf16, to = at + utf16;

    if (at < begin)
        rich_runs_read(left_of(root), at, (to < begin ? to : begin) - at, delta);
    if (at < end && to > begin) {
        uint64_t from = at > begin ? at - begin : 0;
        uint64_t until = (to < end ? to : end) - begin;
        struct rich_piece piece = {.kind = RICH_INSERT,
                                   .utf16 = until - from,
                                   .text = SPAN(""),
                                   .embed = root->embed,
                                   .attributes = root->attributes};

        if (root->embed == NULL) {
            size_t offset = run_offset(root, from);

            piece.text = span_of(root->text + offset, run_offset(root, until) - offset);
        }
        rich_delta_push(delta, &piece);
    }
    if (to > end)
        rich_runs_read(right_of(root), at > end ? at - end : 0, to - (at > end ? at : end), delta);
}

bool rich_runs_is_sound(const struct rich_run *root)
{
    if (root == NULL)
        return true;
    struct rich_sum sum = sum_both(
        sum_both(rich_runs_sum(left_of(root)), rich_runs_sum(right_of(root))), sum_of_run(root));
    int slope = (root->avl.left == NULL ? 0 : root->avl.left->height) -
                (root->avl.right == NULL ? 0 : root->avl.right->height);
    bool text = root->embed != NULL ? root->utf16 == 1 && root->size == 0
                                    : root->size > 0 && utf8_check(run_text(root), NULL) &&
                                          root->utf16 == utf8_utf16(run_text(root));

    return text && slope >= -1 && slope <= 1 && sum.utf16 == root->sum.utf16 &&
           sum.runs == root->sum.runs && sum.bytes == root->sum.bytes &&
           sum.nodes == root->sum.nodes && rich_runs_is_sound(left_of(root)) &&
           rich_runs_is_sound(right_of(root));
}

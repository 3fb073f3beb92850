/* What a Raspberry Pi has and a test machine has not, for libcamera's virtual pipeline. Loaded by LD_PRELOAD.
 *
 * 1. /dev/dma_heap: memory for pictures. Any path below it opens; what is allocated from it is plain shared memory.
 * 2. A sensor's pace: the virtual pipeline copies a picture into a buffer as soon as it gets one. Here each copy waits
 *    for its turn, EDGE_SENSOR_FPS times a second.
 * 3. A sensor that hangs: while the file EDGE_SENSOR_HANGS exists, no copy ends. The pipeline's own thread is held then,
 *    so that stopping the camera hangs, too.
 * 4. Zeroed C++ objects: libcamera 0.4.0's virtual pipeline leaves a buffer's status unset, and picamera2 throws away
 *    what does not say "success".
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/dma-buf.h>
#include <linux/dma-heap.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define SECOND_NS 1000000000LL
#define LOOK_NS (SECOND_NS / 100)
#define SIZES 4

static int is_heap(const char *path) {
    return path && strncmp(path, "/dev/dma_heap/", strlen("/dev/dma_heap/")) == 0;
}

#define OPEN(name)                                                                                                     \
    int name(const char *path, int flags, ...) {                                                                       \
        va_list more;                                                                                                  \
        va_start(more, flags);                                                                                         \
        mode_t mode = va_arg(more, mode_t);                                                                            \
        va_end(more);                                                                                                  \
        return is_heap(path) ? NEXT(name)("/dev/null", flags) : NEXT(name)(path, flags, mode);                         \
    }
OPEN(open)
OPEN(open64)

static int allocate(struct dma_heap_allocation_data *asked) {
    int memory = memfd_create("dma-heap", MFD_CLOEXEC);
    if (memory < 0)
        return -1;
    if (ftruncate(memory, (off_t)asked->len)) {
        int why = errno;
        close(memory);
        errno = why;
        return -1;
    }
    asked->fd = (uint32_t)memory;
    return 0;
}

int ioctl(int fd, unsigned long request, ...) {
    va_list more;
    va_start(more, request);
    void *argument = va_arg(more, void *);
    va_end(more);
    switch ((uint32_t)request) {
    case DMA_HEAP_IOCTL_ALLOC:
        return allocate(argument);
    case DMA_BUF_IOCTL_SYNC:
    case DMA_BUF_SET_NAME_A:
    case DMA_BUF_SET_NAME_B:
        return 0;
    default:
        return NEXT(ioctl)(fd, request, argument);
    }
}

static int64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * SECOND_NS + now.tv_nsec;
}

static void sleep_until(int64_t moment_ns) {
    struct timespec moment = {moment_ns / SECOND_NS, moment_ns % SECOND_NS};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &moment, NULL) == EINTR)
        ;
}

/* Each stream has its size and is copied once a picture, all by one thread. */
static void wait_for_turn(int width) {
    static struct {
        int width;
        int64_t next_ns;
    } streams[SIZES];
    const char *hangs = getenv("EDGE_SENSOR_HANGS"), *fps = getenv("EDGE_SENSOR_FPS");
    while (hangs && access(hangs, F_OK) == 0)
        sleep_until(now_ns() + LOOK_NS);
    if (!fps)
        return;
    int mine = 0;
    while (mine < SIZES - 1 && streams[mine].width && streams[mine].width != width)
        mine++;
    streams[mine].width = width;
    int64_t now = now_ns(), period = (int64_t)(SECOND_NS / atof(fps));
    if (streams[mine].next_ns > now)
        sleep_until(streams[mine].next_ns);
    else
        streams[mine].next_ns = now;
    streams[mine].next_ns += period;
}

typedef int Nv12Copy(const uint8_t *, int, const uint8_t *, int, uint8_t *, int, uint8_t *, int, int, int);
Nv12Copy NV12Copy;

int NV12Copy(const uint8_t *y, int y_stride, const uint8_t *uv, int uv_stride, uint8_t *to_y, int to_y_stride,
             uint8_t *to_uv, int to_uv_stride, int width, int height) {
    static Nv12Copy *copy;
    if (!copy) /* libyuv comes with libcamera, whose names are not global */
        copy = (Nv12Copy *)dlsym(dlopen("libyuv.so.0", RTLD_LAZY), "NV12Copy");
    wait_for_turn(width);
    return copy(y, y_stride, uv, uv_stride, to_y, to_y_stride, to_uv, to_uv_stride, width, height);
}

/* operator new(size_t) */
void *_Znwm(size_t size);
void *_Znwm(size_t size) {
    void *memory = calloc(1, size ? size : 1);
    if (!memory)
        abort();
    return memory;
}

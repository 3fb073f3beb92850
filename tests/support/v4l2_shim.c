/* Stands in for the kernel's V4L2 where it has none: LD_PRELOADed, it answers the system calls on nodes below $V4L2_SHIM.
 *
 * A node is an empty file; NODE.camera beside it describes the camera (tests/support/usb_camera.py writes it). That is read
 * anew at every call, so a test can unplug, stall or spoil a camera while it plays. The layouts of all structures are those of the kernel's own
 * header, not of the program under test. An open node is a timer's descriptor: poll wakes at the camera's frame rate.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/videodev2.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum { MOST_OPEN = 16, MOST_MODES = 24, MOST_BUFFERS = 8, MOST_RATES = 6 };

struct mode { __u32 code, width, height, rates; __u32 rate[MOST_RATES]; };

struct camera {
  char card[32], bus[32], frames[512], say[32];
  __u32 caps, modes, pictures;
  struct mode mode[MOST_MODES];
};

struct node {
  int fd, file, memory, streaming;
  char path[512];
  ino_t inode;
  struct v4l2_pix_format pix;
  __u32 rate, count, sequence, given;
  size_t length;
  __u32 queue[MOST_BUFFERS], queued;
};

static struct node nodes[MOST_OPEN];
static pthread_mutex_t lock = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;

#define REAL(name, type) static __typeof__(type) *real; if (!real) real = (__typeof__(type) *)dlsym(RTLD_NEXT, name)

static int real_open(const char *path, int flags, mode_t mode) {
  REAL("open64", int(const char *, int, ...));
  return real(path, flags, mode);
}

static struct node *node_of(int fd) {
  for (int i = 0; i < MOST_OPEN; i++)
    if (nodes[i].path[0] && nodes[i].fd == fd) return &nodes[i];
  return NULL;
}

static int in_folder(const char *path, char *found) {
  const char *folder = getenv("V4L2_SHIM");
  if (!folder || !realpath(path, found)) return 0;
  size_t length = strlen(folder);
  return !strncmp(found, folder, length) && !strncmp(found + length, "/video", 6);
}

static int read_camera(const char *path, struct camera *camera) {
  char told[600];
  memset(camera, 0, sizeof *camera);
  snprintf(told, sizeof told, "%s.camera", path);
  int fd = real_open(told, O_RDONLY | O_CLOEXEC, 0);
  FILE *file = fd < 0 ? NULL : fdopen(fd, "r");
  if (!file) return -1;
  char line[600], code[8];
  while (fgets(line, sizeof line, file)) {
    line[strcspn(line, "\n")] = 0;
    struct mode *mode = &camera->mode[camera->modes];
    if (!strncmp(line, "card ", 5)) snprintf(camera->card, 32, "%s", line + 5);
    if (!strncmp(line, "bus ", 4)) snprintf(camera->bus, 32, "%s", line + 4);
    if (!strncmp(line, "frames ", 7)) snprintf(camera->frames, 512, "%s", line + 7);
    if (!strncmp(line, "say ", 4)) snprintf(camera->say, 32, "%s", line + 4);
    if (!strcmp(line, "caps capture")) camera->caps = V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_STREAMING;
    if (!strcmp(line, "caps metadata")) camera->caps = V4L2_CAP_META_CAPTURE | V4L2_CAP_STREAMING;
    sscanf(line, "pictures %u", &camera->pictures);
    int found = sscanf(line, "mode %4s %u %u %u %u %u %u %u %u", code, &mode->width, &mode->height, &mode->rate[0],
                       &mode->rate[1], &mode->rate[2], &mode->rate[3], &mode->rate[4], &mode->rate[5]);
    if (found >= 4 && camera->modes < MOST_MODES) {
      mode->code = v4l2_fourcc(code[0], code[1], code[2], code[3]);
      mode->rates = found - 3;
      camera->modes++;
    }
  }
  fclose(file);
  return 0;
}

static int open_node(const char *path, int flags) {
  struct camera camera;
  struct stat seen;
  if (read_camera(path, &camera) || stat(path, &seen)) return -1;
  if (!strcmp(camera.say, "denied")) { errno = EACCES; return -1; }
  pthread_mutex_lock(&lock);
  struct node *node = NULL;
  for (int i = 0; i < MOST_OPEN && !node; i++)
    if (!nodes[i].path[0]) node = &nodes[i];
  int fd = -1;
  if (!node) errno = EMFILE;
  else if ((fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | (flags & O_NONBLOCK ? TFD_NONBLOCK : 0))) >= 0) {
    memset(node, 0, sizeof *node);
    node->fd = fd;
    node->file = real_open(path, O_RDONLY | O_CLOEXEC, 0);
    node->memory = -1;
    node->inode = seen.st_ino;
    snprintf(node->path, sizeof node->path, "%s", path);
  }
  pthread_mutex_unlock(&lock);
  return fd;
}

static int opened(const char *path, int flags, mode_t mode) {
  char found[4096];
  return in_folder(path, found) && !(flags & (O_CREAT | O_DIRECTORY)) && (flags & O_ACCMODE) == O_RDWR
             ? open_node(found, flags)
             : real_open(path, flags, mode);
}

#define OPEN(name) \
  int name(const char *path, int flags, ...) { \
    va_list list; \
    va_start(list, flags); \
    mode_t mode = flags & (O_CREAT | __O_TMPFILE) ? va_arg(list, mode_t) : 0; \
    va_end(list); \
    return opened(path, flags, mode); \
  }
OPEN(open)
OPEN(open64)

int close(int fd) {
  REAL("close", int(int));
  pthread_mutex_lock(&lock);
  struct node *node = node_of(fd);
  if (node) {
    real(node->file);
    if (node->memory >= 0) real(node->memory);
    memset(node, 0, sizeof *node);
  }
  pthread_mutex_unlock(&lock);
  return real(fd);
}

static void *mapped(void *at, size_t length, int prot, int flags, int fd, off64_t offset) {
  REAL("mmap64", void *(void *, size_t, int, int, int, off64_t));
  if (fd >= 0) {
    pthread_mutex_lock(&lock);
    struct node *node = node_of(fd);
    if (node) fd = node->memory;
    pthread_mutex_unlock(&lock);
  }
  return real(at, length, prot, flags, fd, offset);
}
void *mmap(void *at, size_t length, int prot, int flags, int fd, off_t offset) {
  return mapped(at, length, prot, flags, fd, offset);
}
void *mmap64(void *at, size_t length, int prot, int flags, int fd, off64_t offset) {
  return mapped(at, length, prot, flags, fd, offset);
}

static int arm(struct node *node, __u32 rate) {
  struct itimerspec spec = {0};
  if (rate) spec.it_value.tv_nsec = spec.it_interval.tv_nsec = rate == 1 ? 999999999 : 1000000000L / rate;
  return timerfd_settime(node->fd, 0, &spec, NULL);
}

static const struct mode *mode_at(const struct camera *camera, __u32 code, __u32 width, __u32 height) {
  for (__u32 i = 0; i < camera->modes; i++) {
    const struct mode *mode = &camera->mode[i];
    if (mode->code == code && mode->width == width && mode->height == height) return mode;
  }
  return NULL;
}

static int enum_formats(const struct camera *camera, struct v4l2_fmtdesc *asked) {
  __u32 codes[MOST_MODES], count = 0;
  for (__u32 i = 0; i < camera->modes; i++) {
    __u32 known = 0;
    for (__u32 j = 0; j < count; j++) known |= codes[j] == camera->mode[i].code;
    if (!known) codes[count++] = camera->mode[i].code;
  }
  if (asked->index >= count || asked->type != V4L2_BUF_TYPE_VIDEO_CAPTURE) return EINVAL;
  asked->pixelformat = codes[asked->index];
  asked->flags = asked->pixelformat == V4L2_PIX_FMT_MJPEG ? V4L2_FMT_FLAG_COMPRESSED : 0;
  snprintf((char *)asked->description, 32, "format %u", asked->index);
  return 0;
}

static int enum_sizes(const struct camera *camera, struct v4l2_frmsizeenum *asked) {
  __u32 at = 0;
  for (__u32 i = 0; i < camera->modes; i++) {
    if (camera->mode[i].code != asked->pixel_format || at++ != asked->index) continue;
    asked->type = V4L2_FRMSIZE_TYPE_DISCRETE;
    asked->discrete.width = camera->mode[i].width;
    asked->discrete.height = camera->mode[i].height;
    return 0;
  }
  return EINVAL;
}

static int enum_rates(const struct camera *camera, struct v4l2_frmivalenum *asked) {
  const struct mode *mode = mode_at(camera, asked->pixel_format, asked->width, asked->height);
  if (!mode || asked->index >= mode->rates) return EINVAL;
  asked->type = V4L2_FRMIVAL_TYPE_DISCRETE;
  asked->discrete.numerator = 1;
  asked->discrete.denominator = mode->rate[asked->index];
  return 0;
}

static int claim(struct node *node) { return flock(node->file, LOCK_EX | LOCK_NB) ? EBUSY : 0; }

static int set_format(struct node *node, const struct camera *camera, struct v4l2_format *asked) {
  const struct mode *mode = mode_at(camera, asked->fmt.pix.pixelformat, asked->fmt.pix.width, asked->fmt.pix.height);
  if (asked->type != V4L2_BUF_TYPE_VIDEO_CAPTURE || !camera->modes) return EINVAL;
  if (node->streaming || node->count) return EBUSY;
  if (!mode) mode = &camera->mode[0];
  struct v4l2_pix_format *pix = &asked->fmt.pix;
  memset(pix, 0, sizeof *pix);
  pix->pixelformat = mode->code;
  pix->width = mode->width;
  pix->height = mode->height;
  pix->field = V4L2_FIELD_NONE;
  pix->bytesperline = mode->code == V4L2_PIX_FMT_MJPEG ? 0 : mode->code == V4L2_PIX_FMT_YUYV ? 2 * mode->width : mode->width;
  pix->sizeimage = 2 * mode->width * mode->height;
  node->pix = *pix;
  node->rate = mode->rate[0];
  return 0;
}

static int set_rate(struct node *node, const struct camera *camera, struct v4l2_streamparm *asked) {
  const struct mode *mode = mode_at(camera, node->pix.pixelformat, node->pix.width, node->pix.height);
  if (!mode) return EINVAL;
  struct v4l2_fract *fract = &asked->parm.capture.timeperframe;
  double wanted = fract->numerator ? (double)fract->denominator / fract->numerator : 0;
  node->rate = mode->rate[0];
  for (__u32 i = 0; i < mode->rates; i++)
    if (wanted && mode->rate[i] <= wanted + 0.01 && (node->rate > wanted + 0.01 || mode->rate[i] > node->rate))
      node->rate = mode->rate[i];
  memset(&asked->parm, 0, sizeof asked->parm);
  asked->parm.capture.capability = V4L2_CAP_TIMEPERFRAME;
  *fract = (struct v4l2_fract){1, node->rate};
  return 0;
}

static int request(struct node *node, struct v4l2_requestbuffers *asked) {
  if (asked->memory != V4L2_MEMORY_MMAP) return EINVAL;
  if (!asked->count) { node->count = node->queued = 0; flock(node->file, LOCK_UN); return 0; }
  if (claim(node)) return EBUSY;
  asked->count = node->count = asked->count > MOST_BUFFERS ? MOST_BUFFERS : asked->count;
  node->length = (node->pix.sizeimage + 4095u) & ~4095ul;
  node->memory = memfd_create("video", MFD_CLOEXEC);
  return ftruncate(node->memory, (off_t)(node->length * node->count)) ? ENOMEM : 0;
}

static int query(const struct node *node, struct v4l2_buffer *asked) {
  if (asked->index >= node->count) return EINVAL;
  asked->length = (__u32)node->length;
  asked->m.offset = (__u32)(node->length * asked->index);
  asked->flags = V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC;
  return 0;
}

static int stream_on(struct node *node, const struct camera *camera) {
  if (!strcmp(camera->say, "nospace") && node->pix.pixelformat != V4L2_PIX_FMT_MJPEG) return ENOSPC;
  node->streaming = 1;
  return arm(node, node->rate) ? errno : 0;
}

static int fill(struct node *node, const struct camera *camera, __u32 index, __u32 *used) {
  char path[700];
  __u32 code = node->pix.pixelformat;
  snprintf(path, sizeof path, "%s/%.4s-%ux%u-%u", camera->frames, (char *)&code, node->pix.width, node->pix.height,
           node->sequence % (camera->pictures ? camera->pictures : 1));
  int file = real_open(path, O_RDONLY | O_CLOEXEC, 0);
  if (file < 0) return EIO;
  char *at = mapped(NULL, node->length, PROT_READ | PROT_WRITE, MAP_SHARED, node->fd, (off64_t)(node->length * index));
  ssize_t size = at == MAP_FAILED ? -1 : read(file, at, node->length);
  if (at != MAP_FAILED) munmap(at, node->length);
  close(file);
  *used = size < 0 ? 0 : (__u32)size;
  return size < 0 ? EIO : 0;
}

static int dequeue(struct node *node, const struct camera *camera, struct v4l2_buffer *asked, __u64 ticks) {
  if (!strcmp(camera->say, "stall")) { arm(node, 0); return EAGAIN; }
  if (!strcmp(camera->say, "error")) return EIO;
  node->sequence += (__u32)ticks;
  if (!node->queued) return EAGAIN;
  __u32 index = node->queue[0], used = 0;
  memmove(node->queue, node->queue + 1, --node->queued * sizeof *node->queue);
  int wrong = fill(node, camera, index, &used);
  if (wrong) return wrong;
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  memset(asked, 0, sizeof *asked);
  asked->type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
  asked->memory = V4L2_MEMORY_MMAP;
  asked->index = index;
  asked->bytesused = !strcmp(camera->say, "cut") ? used / 2 : used;
  asked->length = (__u32)node->length;
  asked->sequence = node->sequence;
  asked->timestamp.tv_sec = now.tv_sec;
  asked->timestamp.tv_usec = now.tv_nsec / 1000;
  asked->flags = V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC | (!strcmp(camera->say, "damage") ? V4L2_BUF_FLAG_ERROR : 0);
  return 0;
}

static int answer(struct node *node, unsigned long call, void *asked, __u64 ticks) {
  struct camera camera;
  struct stat seen;
  if (stat(node->path, &seen) || seen.st_ino != node->inode || read_camera(node->path, &camera)) return ENODEV;
  int captures = camera.caps & V4L2_CAP_VIDEO_CAPTURE;
  if (call == VIDIOC_QUERYCAP) {
    struct v4l2_capability *told = asked;
    memset(told, 0, sizeof *told);
    snprintf((char *)told->driver, 16, "uvcvideo");
    memcpy(told->card, camera.card, 32);
    memcpy(told->bus_info, camera.bus, 32);
    told->device_caps = camera.caps;
    told->capabilities = V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_META_CAPTURE | V4L2_CAP_STREAMING | V4L2_CAP_DEVICE_CAPS;
    return camera.caps ? 0 : ENOTTY;
  }
  if (!captures) return EINVAL;
  switch (call) {
    case VIDIOC_ENUM_FMT: return enum_formats(&camera, asked);
    case VIDIOC_ENUM_FRAMESIZES: return enum_sizes(&camera, asked);
    case VIDIOC_ENUM_FRAMEINTERVALS: return enum_rates(&camera, asked);
    case VIDIOC_S_FMT: return set_format(node, &camera, asked);
    case VIDIOC_G_FMT: ((struct v4l2_format *)asked)->fmt.pix = node->pix; return 0;
    case VIDIOC_S_PARM: return set_rate(node, &camera, asked);
    case VIDIOC_G_PARM:
      ((struct v4l2_streamparm *)asked)->parm.capture.timeperframe = (struct v4l2_fract){1, node->rate ? node->rate : 1};
      ((struct v4l2_streamparm *)asked)->parm.capture.capability = V4L2_CAP_TIMEPERFRAME;
      return 0;
    case VIDIOC_G_INPUT: *(int *)asked = 0; return 0;
    case VIDIOC_S_INPUT: return 0;
    case VIDIOC_ENUMINPUT:
      if (((struct v4l2_input *)asked)->index) return EINVAL;
      ((struct v4l2_input *)asked)->type = V4L2_INPUT_TYPE_CAMERA;
      return 0;
    case VIDIOC_REQBUFS: return request(node, asked);
    case VIDIOC_QUERYBUF: return query(node, asked);
    case VIDIOC_QBUF:
      if (((struct v4l2_buffer *)asked)->index >= node->count || node->queued >= node->count) return EINVAL;
      node->queue[node->queued++] = ((struct v4l2_buffer *)asked)->index;
      return 0;
    case VIDIOC_DQBUF: return node->streaming ? dequeue(node, &camera, asked, ticks) : EINVAL;
    case VIDIOC_STREAMON: return stream_on(node, &camera);
    case VIDIOC_STREAMOFF: node->streaming = 0; node->queued = 0; return arm(node, 0) ? errno : 0;
    default: return ENOTTY;
  }
}

int ioctl(int fd, unsigned long call, ...) {
  REAL("ioctl", int(int, unsigned long, ...));
  va_list list;
  va_start(list, call);
  void *asked = va_arg(list, void *);
  va_end(list);
  call &= 0xffffffff; /* Python gives it as a signed int */
  pthread_mutex_lock(&lock);
  struct node *node = node_of(fd);
  pthread_mutex_unlock(&lock);
  if (!node) return real(fd, call, asked);
  int wrong, waits = !(fcntl(fd, F_GETFL) & O_NONBLOCK);
  do {
    __u64 ticks = 0;
    if (call == VIDIOC_DQBUF && node->streaming && read(fd, &ticks, sizeof ticks) < 0) return -1; /* waits, or EAGAIN */
    pthread_mutex_lock(&lock);
    wrong = answer(node, call, asked, ticks);
    pthread_mutex_unlock(&lock);
  } while (wrong == EAGAIN && waits);
  if (wrong) errno = wrong;
  return wrong ? -1 : 0;
}

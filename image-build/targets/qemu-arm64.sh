# A virtual machine of QEMU (-machine virt): what tests boot. The kernel is handed over by QEMU.
ARCHITECTURE=arm64
WHEEL_MACHINE=aarch64
KERNEL_PACKAGE=linux-image-cloud-arm64
INITRAMFS_MODULES="virtio_pci virtio_mmio virtio_blk ext4 vfat nls_cp437 nls_ascii nls_iso8859-1 nls_utf8"
BOOT_MIB=64

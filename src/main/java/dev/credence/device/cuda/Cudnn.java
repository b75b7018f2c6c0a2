package dev.credence.device.cuda;

import jcuda.jcudnn.JCudnn;

/**
 * Every call of cuDNN. None may be a function that cuDNN 8 has and 9 has not: calling one would end
 * the process.
 */
final class Cudnn {
  private Cudnn() {}

  static void load() {
    JCudnn.setExceptionsEnabled(false);
  }

  /** The version as people write it; its number has another number of digits since cuDNN 9. */
  static String versionText() {
    long version = JCudnn.cudnnGetVersion();
    long major = version >= 90000 ? version / 10000 : version / 1000;
    long rest = version >= 90000 ? version % 10000 : version % 1000;
    return major + "." + rest / 100 + "." + rest % 100;
  }
}

package dev.credence.app;

import dev.credence.data.CifarFile;
import dev.credence.data.Images;
import dev.credence.nn.ImageFormat;

/**
 * LeNet with dropout nowhere, after its dense layer, and after all layers (Gal and Ghahramani 2015)
 * on a part of CIFAR-10: 10000 images to learn from and 2000 to be judged by. Errors are larger
 * than those of the whole set; what is compared is their order.
 */
final class CifarLeNet implements Experiment {
  private static final String PAPER =
      "Gal and Ghahramani 2015 on all 50000 images, about, second hand";
  private static final ImageFormat FORMAT = new ImageFormat(3, 32, 32);
  private static final int EPOCHS = 100;

  @Override
  public String name() {
    return "cifar-lenet";
  }

  @Override
  public String summary() {
    return "LeNet with dropout after all layers on 10000 images of CIFAR-10, by Monte Carlo and by"
        + " weight averaging (Gal and Ghahramani 2015)";
  }

  @Override
  public void run(Bench bench) {
    DigitNets.Rows train = rows(bench, "jpeg_train_10000.bin.gz");
    DigitNets.Rows test = rows(bench, "jpeg_test_2000.bin.gz");
    new LeNetRuns(bench, FORMAT, train, test, "").compare(bench.epochs(EPOCHS), classifier -> {});
    bench.published("lenetAllMc.testError", 19.5, PAPER);
    bench.published("lenetIpStd.testError", 26.5, PAPER);
  }

  private static DigitNets.Rows rows(Bench bench, String file) {
    Images images = CifarFile.read(bench.data("cifar10", file));
    return new DigitNets.Rows(images.rows(0, images.count(), 255f / 256), images.labels());
  }
}

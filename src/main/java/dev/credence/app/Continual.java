package dev.credence.app;

import dev.credence.bayes.Prior;
import dev.credence.train.BayesianClassifier;
import dev.credence.train.Calibration;
import dev.credence.train.Classifier;
import dev.credence.train.MlpClassifier;
import dev.credence.train.TrainingListener;
import java.util.Arrays;
import java.util.Random;
import java.util.function.BiConsumer;
import java.util.stream.IntStream;

/**
 * Permuted MNIST (Goodfellow et al. 2014): five tasks one after the other, in each of which the
 * pixels of all digits stand in another order, in the first as they are. Variational continual
 * learning (Nguyen et al. 2018) takes what is known of the weights after a task as their prior in
 * the next; a plain net goes on from its weights, and forgets. Each net has one head for all tasks,
 * and never sees a task again.
 */
final class Continual implements Experiment {
  private static final int TASKS = 5;
  private static final int BATCH = 256;
  private static final String SOURCE =
      "Nguyen et al. 2018, 100 epochs a task; read off a plot of their code's results";

  @Override
  public String name() {
    return "continual";
  }

  @Override
  public String summary() {
    return "five orders of MNIST's pixels learned one after the other: the posterior as the next"
        + " prior, and plain training";
  }

  @Override
  public void run(Bench bench) {
    DigitNets.Rows train = DigitNets.Rows.of(bench.images("mnist", true));
    DigitNets.Rows test = DigitNets.Rows.of(bench.images("mnist", false));
    int epochs = bench.epochs(20);
    double[][] kept =
        bench.train(
            "Posterior as prior, " + Text.count(epochs, "epoch") + " a task",
            course -> {
              int[] task = new int[1];
              try (BayesianClassifier net =
                  DigitNets.settings(
                          BayesianClassifier.builder(), 100, epochs, bench.seed(), course)
                      .listener(whole(course.listener(), task))
                      .batchSize(BATCH)
                      .prior(Prior.normal(1))
                      .initialScale(0.02)
                      .build()) {
                return learn(bench, train, test, task, net, net::fit, net::update);
              }
            });
    double[][] forgotten =
        bench.train(
            "Plain training, " + Text.count(epochs, "epoch") + " a task",
            course -> {
              int[] task = new int[1];
              try (MlpClassifier net =
                  DigitNets.plain(100, epochs, bench.seed(), course)
                      .listener(whole(course.listener(), task))
                      .batchSize(BATCH)
                      .build()) {
                return learn(bench, train, test, task, net, net::fit, net::update);
              }
            });
    double vcl = average(kept[TASKS - 1]);
    double plain = average(forgotten[TASKS - 1]);
    bench.result("vcl.averageAccuracy", vcl, 0.933, SOURCE);
    bench.result("plain.averageAccuracy", plain);
    bench.result("gain", vcl - plain);
    for (int task = 0; task < TASKS; task++) {
      String name = ".task" + (task + 1);
      bench.result("vcl" + name + ".learned", kept[task][task]);
      bench.result("vcl" + name + ".kept", kept[TASKS - 1][task]);
      bench.result("plain" + name + ".learned", forgotten[task][task]);
      bench.result("plain" + name + ".kept", forgotten[TASKS - 1][task]);
    }
    bench.picture(() -> tasks("vcl.png", "The posterior as the next prior", kept));
    bench.picture(() -> tasks("plain.png", "Plain training", forgotten));
    bench.picture(() -> averages(kept, forgotten));
  }

  /** Shows the trainings of all tasks as one. */
  private static TrainingListener whole(TrainingListener bar, int[] task) {
    return p ->
        bar.onEpoch(
            new TrainingListener.Progress(
                task[0] * p.epochs() + p.epoch(),
                TASKS * p.epochs(),
                p.step(),
                p.loss(),
                p.nll(),
                p.kl()));
  }

  /**
   * Learns all tasks.
   *
   * @return the accuracy after each task in each task so far, accuracy[after][in]
   */
  private static double[][] learn(
      Bench bench,
      DigitNets.Rows train,
      DigitNets.Rows test,
      int[] task,
      Classifier<?> net,
      BiConsumer<float[][], int[]> first,
      BiConsumer<float[][], int[]> further) {
    double[][] accuracy = new double[TASKS][];
    for (; task[0] < TASKS; task[0]++) {
      int now = task[0];
      (now == 0 ? first : further).accept(permuted(train.x(), bench, now), train.labels());
      accuracy[now] = new double[now + 1];
      for (int seen = 0; seen <= now; seen++) {
        float[][] p = net.predict(permuted(test.x(), bench, seen)).probabilities();
        accuracy[now][seen] = Calibration.accuracy(p, test.labels());
      }
    }
    return accuracy;
  }

  /** The pixels of all images in the order of a task. */
  private static float[][] permuted(float[][] x, Bench bench, int task) {
    int[] order = IntStream.range(0, x[0].length).toArray();
    Random random = new Random(31 * bench.seed() + task);
    for (int i = order.length - 1; i > 0 && task > 0; i--) {
      int j = random.nextInt(i + 1);
      int pixel = order[i];
      order[i] = order[j];
      order[j] = pixel;
    }
    float[][] rows = new float[x.length][order.length];
    for (int row = 0; row < rows.length; row++) {
      for (int i = 0; i < order.length; i++) {
        rows[row][i] = x[row][order[i]];
      }
    }
    return rows;
  }

  private static double average(double[] accuracies) {
    return Arrays.stream(accuracies).average().orElseThrow();
  }

  private static Drawing drawing() {
    return new Drawing(720, 420, "tasks learned", "accuracy on test digits")
        .range(0.8, TASKS + 0.2, 0, 1.02)
        .names(IntStream.rangeClosed(1, TASKS).mapToObj(Integer::toString).toList(), 0.04);
  }

  /** The accuracy in each task after each task. */
  private static Picture tasks(String file, String how, double[][] accuracy) {
    Drawing drawing = drawing();
    for (int task = 0; task < TASKS; task++) {
      int own = task;
      double[] after = IntStream.range(task, TASKS).mapToDouble(t -> t + 1).toArray();
      double[] in = IntStream.range(task, TASKS).mapToDouble(t -> accuracy[t][own]).toArray();
      drawing.markedLine("task " + (task + 1), ClassPictures.colour(task), after, in);
    }
    return new Picture(
        file,
        how + ": accuracy in each task while further tasks are learned",
        how + ". A line that stays up is a task that is not forgotten.",
        720,
        drawing.png());
  }

  /** The average over the tasks so far. */
  private static Picture averages(double[][] kept, double[][] forgotten) {
    double[] after = IntStream.rangeClosed(1, TASKS).asDoubleStream().toArray();
    byte[] png =
        drawing()
            .markedLine("posterior as prior", Pictures.BLUE, after, averages(kept))
            .markedLine("plain training", Pictures.RED, after, averages(forgotten))
            .png();
    return new Picture(
        "average.png",
        "Average accuracy over the tasks so far",
        "The average over all tasks learned so far, for both ways to learn them.",
        720,
        png);
  }

  private static double[] averages(double[][] accuracy) {
    return Arrays.stream(accuracy).mapToDouble(Continual::average).toArray();
  }
}

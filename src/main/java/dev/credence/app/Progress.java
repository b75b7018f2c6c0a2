package dev.credence.app;

import dev.credence.train.TrainingListener;
import java.io.Console;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/** Shows how training goes on: a bar on a terminal, a few lines elsewhere. */
final class Progress implements TrainingListener, AutoCloseable {
  private static final int LINES = 5;

  private final PrintWriter err;
  private final boolean terminal;
  private @Nullable ProgressBar bar;

  Progress(PrintWriter err, boolean terminal) {
    this.err = err;
    this.terminal = terminal;
  }

  /** Whether a person watches the process. */
  static boolean onTerminal() {
    Console console = System.console();
    return console != null && console.isTerminal();
  }

  @Override
  public boolean onEpoch(TrainingListener.Progress p) {
    if (terminal) {
      bar(p).stepTo(p.epoch()).setExtraMessage(Text.format("nll %.3f  kl %.3f", p.nll(), p.kl()));
    } else if (p.epoch() * LINES / p.epochs() > (p.epoch() - 1) * LINES / p.epochs()) {
      err.println(
          Text.format(
              "  epoch %d of %d: loss %.3f (nll %.3f, kl %.3f)",
              p.epoch(), p.epochs(), p.loss(), p.nll(), p.kl()));
    }
    return true;
  }

  private ProgressBar bar(TrainingListener.Progress p) {
    if (bar == null) {
      bar =
          new ProgressBarBuilder()
              .setTaskName("  training")
              .setInitialMax(p.epochs())
              .setUnit(" epochs", 1)
              .setStyle(
                  System.err.charset().equals(StandardCharsets.UTF_8)
                      ? ProgressBarStyle.UNICODE_BLOCK
                      : ProgressBarStyle.ASCII)
              .setUpdateIntervalMillis(100)
              .build();
    }
    return bar;
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
    }
  }
}

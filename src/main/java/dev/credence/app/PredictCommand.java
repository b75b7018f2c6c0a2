package dev.credence.app;

import dev.credence.data.CsvTable;
import dev.credence.device.Device;
import dev.credence.train.BayesianRegressor;
import dev.credence.train.Prediction;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Predicts the rows of a table with what {@link FitCommand} has saved. */
@Command(
    name = "predict",
    description = {
      "Predicts the rows of a table with what 'credence fit --save' has learned, a line a row: the"
          + " mean; the standard deviations of the prediction, of the doubt of the model in it"
          + " (epistemic) and of the noise of the data (aleatoric); and the ends of an interval"
          + " that holds nine tenths of what may be. All are in the target's unit.",
      "Columns are found by their names; others, such as the target, may stand beside them."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false,
    usageHelpAutoWidth = true)
final class PredictCommand implements Runnable {
  private static final double MASS = 0.9;

  /** Rows that are predicted at once, which bounds the memory that their draws take. */
  private static final int BLOCK = 10_000;

  private final PrintWriter out;

  @Option(
      names = "--model",
      paramLabel = "FILE",
      required = true,
      description = "What 'credence fit --save FILE' has written.")
  private Path model = Path.of("");

  @Option(
      names = "--data",
      paramLabel = "FILE",
      required = true,
      description =
          "A text file of numbers, one row a line; separator and header line are detected.")
  private Path data = Path.of("");

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description = "Where the predictions go, as a table (default: the terminal).")
  private @Nullable Path file;

  @Mixin private DeviceOption device = new DeviceOption();

  PredictCommand(PrintWriter out) {
    this.out = out;
  }

  @Override
  public void run() {
    Device on = device.named();
    if (file != null) {
      Outputs.checkFile(file);
    }
    Fitted fitted = Fitted.read(model);
    float[][] x = fitted.inputs(CsvTable.read(data));
    try (BayesianRegressor regressor = fitted.regressor(model, on)) {
      StringBuilder table =
          new StringBuilder("mean,std,epistemicStd,aleatoricStd,lower90,upper90\n");
      for (int first = 0; first < x.length; first += BLOCK) {
        float[][] rows = Arrays.copyOfRange(x, first, Math.min(x.length, first + BLOCK));
        add(table, regressor.predict(rows, first));
      }
      if (file == null) {
        out.print(table);
      } else {
        Outputs.write(Map.of(file, table.toString().getBytes(StandardCharsets.UTF_8)));
        out.println(
            Text.count(x.length, "row")
                + ", "
                + Text.column(fitted.target())
                + " predicted: "
                + Bench.shown(file));
      }
      out.flush();
    }
  }

  private static void add(StringBuilder table, Prediction said) {
    float[][] interval = said.interval(MASS);
    float[][] columns = {
      said.mean(), said.std(), said.epistemicStd(), said.aleatoricStd(), interval[0], interval[1]
    };
    for (int row = 0; row < columns[0].length; row++) {
      for (int j = 0; j < columns.length; j++) {
        table.append(j == 0 ? "" : ",").append(columns[j][row]);
      }
      table.append('\n');
    }
  }
}

package dev.credence.device.reference;

import dev.credence.kernel.Lines;
import dev.credence.kernel.Lines.Line;
import dev.credence.kernel.Loop.Fold;
import dev.credence.kernel.Loop.FoldKind;
import dev.credence.kernel.Loop.Phase;
import dev.credence.kernel.Loop.Store;
import java.util.ArrayList;
import java.util.List;

/**
 * One phase of a loop, run a block of points at a time: all lines, then the folds, then the stores.
 */
final class PhaseRun {
  private final long inner;
  private final Points points;
  private final List<Step> steps = new ArrayList<>();
  private final List<Folder> folders = new ArrayList<>();
  private final List<Column> results = new ArrayList<>();

  PhaseRun(List<Integer> kept, Phase phase, Memory memory, List<List<Column>> folded) {
    inner = phase.extent();
    points = new Points(kept, phase.inner());
    Lines lines = Lines.of(phase);
    Steps compiler = new Steps(memory, points, folded);
    List<Column> columns = new ArrayList<>();
    for (Line line : lines.lines()) {
      Column out = new Column(line.type());
      List<Column> operands = line.operands().stream().map(columns::get).toList();
      steps.add(compiler.step(line.scalar(), operands, out));
      columns.add(out);
    }
    List<Column> roots = lines.roots().stream().map(columns::get).toList();
    int root = 0;
    for (Fold fold : phase.folds()) {
      Column value = roots.get(root++);
      Column factor = fold.kind() == FoldKind.CHAIN ? roots.get(root++) : value;
      Column result = new Column(fold.type());
      folders.add(Folder.of(fold.kind(), inner, value, factor, result));
      results.add(result);
    }
    for (Store store : phase.stores()) {
      steps.add(compiler.store(store, roots.get(root++)));
    }
  }

  /** What the folds gave, one value for each of the kept elements now computed. */
  List<Column> results() {
    return results;
  }

  /** Runs the phase for some successive kept elements, at most {@link Points#MOST}. */
  void run(long firstKept, int count) {
    if (inner == 0) {
      foldNothing(count);
      return;
    }
    long end = (firstKept + count) * inner;
    for (long at = firstKept * inner; at < end; at += Points.MOST) {
      int block = (int) Math.min(Points.MOST, end - at);
      points.moveTo(at, block, firstKept);
      for (Step step : steps) {
        step.run(block);
      }
      fold(at - firstKept * inner, block);
    }
  }

  private void foldNothing(int count) {
    for (Folder folder : folders) {
      for (int kept = 0; kept < count; kept++) {
        folder.begin();
        folder.end(kept);
      }
    }
  }

  /** Folds a block, one stretch of points with the same kept element after the other. */
  private void fold(long at, int block) {
    int from = 0;
    while (from < block && !folders.isEmpty()) {
      int kept = (int) ((at + from) / inner);
      long position = (at + from) % inner;
      int to = (int) Math.min(block, from + inner - position);
      for (Folder folder : folders) {
        if (position == 0) {
          folder.begin();
        }
        folder.add(from, to, position);
        if (position + (to - from) == inner) {
          folder.end(kept);
        }
      }
      from = to;
    }
  }
}

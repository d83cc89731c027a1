package dev.whetstone.training.checkpoint;

import dev.whetstone.artifacts.ArtifactFolder;
import dev.whetstone.artifacts.ContentHash;
import dev.whetstone.artifacts.Json;
import dev.whetstone.artifacts.tensors.Safetensors;
import dev.whetstone.artifacts.tensors.Safetensors.FloatTensor;
import dev.whetstone.artifacts.tensors.TensorSource;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * {@code checkpoints/step-N/}: {@code adapter_model.safetensors} (A and B), {@code
 * optimizer.safetensors} (both moments) and {@code state.json}, which names the others by their
 * hashes. A checkpoint is written beside its place and renamed, so it is whole or not there; one
 * that was damaged later is noticed by its hashes and skipped.
 */
public final class Checkpoints {
  private static final String ADAPTER = "adapter_model.safetensors";
  private static final String OPTIMIZER = "optimizer.safetensors";
  private static final String STATE = "state.json";

  private final Path folder;
  private final String runId;
  private final int keep;

  /**
   * @param run the run's folder
   * @param runId step id of the run: checkpoints of other work are not taken up
   * @param keep newest checkpoints that stay
   */
  public Checkpoints(Path run, String runId, int keep) {
    this.folder = run.resolve("checkpoints");
    this.runId = runId;
    this.keep = keep;
  }

  /**
   * Everything that the rest of a run depends on.
   *
   * @param step optimizer steps taken
   * @param seconds trained so far
   * @param atOnce examples that a pass computes: another number rounds otherwise
   */
  public record State(
      int step,
      double seconds,
      int atOnce,
      List<FloatTensor> adapter,
      List<float[]> firstMoments,
      List<float[]> secondMoments) {}

  /** {@code state.json}. */
  private record Head(
      String runId,
      int step,
      double seconds,
      int atOnce,
      String adapterSha256,
      String optimizerSha256) {}

  /**
   * Saves a state and deletes old ones.
   *
   * @param best step of a checkpoint that stays however old it is; any other number for none
   */
  public void save(State state, int best) {
    Path beside = folder.resolve(".step-" + state.step() + ".partial");
    Path place = folder.resolve("step-" + state.step());
    try {
      if (Files.exists(beside)) {
        ArtifactFolder.delete(beside);
      }
      Files.createDirectories(beside);
      Safetensors.write(beside.resolve(ADAPTER), state.adapter(), Safetensors.PT_METADATA);
      var moments = new ArrayList<FloatTensor>();
      for (int i = 0; i < state.adapter().size(); i++) {
        FloatTensor parameter = state.adapter().get(i);
        moments.add(
            new FloatTensor(
                "m." + parameter.name(), parameter.shape(), state.firstMoments().get(i)));
        moments.add(
            new FloatTensor(
                "v." + parameter.name(), parameter.shape(), state.secondMoments().get(i)));
      }
      Safetensors.write(beside.resolve(OPTIMIZER), moments, Map.of());
      var head =
          new Head(
              runId,
              state.step(),
              state.seconds(),
              state.atOnce(),
              ContentHash.sha256(beside.resolve(ADAPTER)),
              ContentHash.sha256(beside.resolve(OPTIMIZER)));
      ArtifactFolder.writeAtomically(beside.resolve(STATE), Json.pretty(head));
      if (Files.exists(place)) {
        ArtifactFolder.delete(place);
      }
      Files.move(beside, place, StandardCopyOption.ATOMIC_MOVE);
      List<Path> all = newestFirst();
      for (Path old : all.subList(Math.min(keep, all.size()), all.size())) {
        if (step(old) != best) {
          ArtifactFolder.delete(old);
        }
      }
    } catch (IOException e) {
      throw ArtifactFolder.surroundings(place, e);
    }
  }

  /**
   * The newest checkpoint that is intact and of this run; damaged ones are named on standard error.
   */
  public Optional<State> newest() {
    return first(newestFirst());
  }

  /** The checkpoint of a step, as {@link #newest}. */
  public Optional<State> of(int step) {
    return first(newestFirst().stream().filter(checkpoint -> step(checkpoint) == step).toList());
  }

  private static int step(Path checkpoint) {
    return Integer.parseInt(checkpoint.getFileName().toString().substring("step-".length()));
  }

  private Optional<State> first(List<Path> candidates) {
    for (Path checkpoint : candidates) {
      try {
        Head head = Json.read(checkpoint.resolve(STATE), Head.class);
        if (!head.runId().equals(runId)) {
          System.err.println("train: " + checkpoint + " belongs to other work, not taken up");
          continue;
        }
        if (!head.adapterSha256().equals(ContentHash.sha256(checkpoint.resolve(ADAPTER)))
            || !head.optimizerSha256().equals(ContentHash.sha256(checkpoint.resolve(OPTIMIZER)))) {
          System.err.println(
              "train: " + checkpoint + " is damaged, its hashes differ; an older one is taken");
          continue;
        }
        return Optional.of(read(checkpoint, head));
      } catch (RuntimeException e) {
        System.err.println(
            "train: "
                + checkpoint
                + " cannot be read ("
                + e.getMessage()
                + "); an older one is taken");
      }
    }
    return Optional.empty();
  }

  private static State read(Path checkpoint, Head head) {
    var adapter = new ArrayList<FloatTensor>();
    var first = new ArrayList<float[]>();
    var second = new ArrayList<float[]>();
    try (TensorSource tensors = Safetensors.open(checkpoint.resolve(ADAPTER));
        TensorSource moments = Safetensors.open(checkpoint.resolve(OPTIMIZER))) {
      for (String name : tensors.names()) {
        adapter.add(new FloatTensor(name, tensors.shape(name), values(tensors, name)));
        first.add(values(moments, "m." + name));
        second.add(values(moments, "v." + name));
      }
    }
    return new State(head.step(), head.seconds(), head.atOnce(), adapter, first, second);
  }

  private static float[] values(TensorSource source, String name) {
    float[] values = new float[Math.toIntExact(Safetensors.elements(source.shape(name)))];
    source.read(name, 0, FloatBuffer.wrap(values));
    return values;
  }

  private List<Path> newestFirst() {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> file.getFileName().toString().matches("step-\\d{1,9}"))
          .sorted(Comparator.comparingInt(Checkpoints::step).reversed())
          .toList();
    } catch (IOException e) {
      throw ArtifactFolder.surroundings(folder, e);
    }
  }
}

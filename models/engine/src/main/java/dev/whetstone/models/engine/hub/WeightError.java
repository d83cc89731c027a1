package dev.whetstone.models.engine.hub;

import dev.whetstone.artifacts.command.Progress;
import dev.whetstone.artifacts.model.ModelFolder;
import dev.whetstone.artifacts.tensors.Gguf;
import dev.whetstone.artifacts.tensors.Safetensors;
import dev.whetstone.artifacts.tensors.TensorSource;
import dev.whetstone.models.engine.family.DecoderConfig;
import java.nio.FloatBuffer;
import java.nio.file.Path;

/**
 * How far the weights of a GGUF file are from the model that it was made of.
 *
 * @param worst largest difference of a weight
 * @param worstTensor that it is in, by the file's name
 * @param mean of all differences' absolute values
 * @param relative root of the mean square of the differences, as a share of that of the weights
 */
public record WeightError(double worst, String worstTensor, double mean, double relative) {
  private static final int BLOCK_ELEMENTS = 1 << 18;

  /** Reads both, block by block. */
  public static WeightError of(ModelFolder model, Path file) {
    String where = model.path() + "/config.json";
    DecoderConfig decoder = DecoderConfig.of(model.config(), where);
    GgufFamily family = GgufFamily.of(model.config(), where);
    double worst = 0;
    String worstTensor = "";
    double sum = 0;
    double squares = 0;
    double weightSquares = 0;
    long count = 0;
    FloatBuffer found = FloatBuffer.allocate(BLOCK_ELEMENTS);
    FloatBuffer expected = FloatBuffer.allocate(BLOCK_ELEMENTS);
    try (TensorSource original = GgufExport.tensors(family, decoder, model.weights());
        Gguf.File gguf = Gguf.open(file);
        Progress progress = Progress.quiet("compare weights", original.names().size())) {
      for (String name : original.names()) {
        long elements = Safetensors.elements(original.shape(name));
        for (long at = 0; at < elements; at += found.limit()) {
          int block = (int) Math.min(BLOCK_ELEMENTS, elements - at);
          gguf.tensors().read(name, at, found.clear().limit(block));
          original.read(name, at, expected.clear().limit(block));
          for (int i = 0; i < block; i++) {
            double weight = expected.get(i);
            double apart = Math.abs(found.get(i) - weight);
            if (apart > worst) {
              worst = apart;
              worstTensor = name;
            }
            sum += apart;
            squares += apart * apart;
            weightSquares += weight * weight;
          }
        }
        count += elements;
        progress.add(1);
      }
    }
    return new WeightError(
        worst,
        worstTensor,
        sum / count,
        weightSquares == 0 ? 0 : Math.sqrt(squares / weightSquares));
  }
}

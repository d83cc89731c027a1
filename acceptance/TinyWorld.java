import dev.whetstone.models.engine.testing.TinyModel;
import java.nio.file.Path;
import java.util.List;

/** Writes a random model of two layers, an adapter for it and one for a wider model. For bad_input.py. */
public final class TinyWorld {
  public static void main(String... args) {
    Path folder = Path.of(args[0]);
    TinyModel.write(folder.resolve("model"), 1, false);
    TinyModel.writeAdapter(folder.resolve("adapter"), 2, TinyModel.HIDDEN, List.of());
    TinyModel.writeAdapter(folder.resolve("adapter-of-another"), 2, 2 * TinyModel.HIDDEN, List.of());
  }
}

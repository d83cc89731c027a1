package dev.whetstone.models.engine;

import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.model.AdapterFolder;
import dev.whetstone.artifacts.model.ModelFolder;
import dev.whetstone.models.engine.LanguageModel.GenerateRequest;
import dev.whetstone.models.engine.LanguageModel.Generation;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Options of commands that open a model. */
final class ModelOptions {
  @Option(names = "--model", required = true, paramLabel = "DIR", description = "model folder")
  private Path model;

  @Option(names = "--adapter", paramLabel = "DIR", description = "adapter folder (PEFT LoRA)")
  private Path adapter;

  Path folder() {
    return model;
  }

  LoadedModel open() {
    return LoadedModel.open(
        ModelFolder.open(model), Optional.ofNullable(adapter).map(AdapterFolder::open));
  }

  /** The messages that a conversation begins with. */
  static List<Map<String, Object>> begin(String system) {
    var messages = new ArrayList<Map<String, Object>>();
    if (system != null) {
      messages.add(Map.of("role", "system", "content", system));
    }
    return messages;
  }

  /** Generates one answer and prints it as it comes, and a line's end. */
  static Generation print(LoadedModel model, GenerateRequest request) {
    var answers = new AllAnswers<Generation>(1);
    model.generate(
        List.of(request),
        answers,
        (index, piece) -> {
          System.out.print(piece);
          System.out.flush();
        },
        done -> {});
    System.out.println();
    return answers.inOrder().get(0);
  }

  /** Token ids of messages, ready for the assistant's answer. */
  static int[] encode(LanguageModel model, List<Map<String, Object>> messages) {
    String text =
        model
            .chatTemplate()
            .orElseThrow(
                () ->
                    new BadInputException(
                        "the model has no chat template; give the text as it is with --raw."))
            .render(messages, List.of(), true);
    // The template writes the special tokens itself.
    return model.tokenizer().encode(text, false);
  }
}

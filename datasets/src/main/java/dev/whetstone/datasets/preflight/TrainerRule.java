package dev.whetstone.datasets.preflight;

import dev.whetstone.datasets.PrepareConfig.LossOn;
import dev.whetstone.datasets.export.LlamaFactoryFormat;
import java.util.List;

/**
 * One thing that a trainer does, at its defaults but for the length.
 *
 * @param trainer name and version
 * @param defaultLength of the trainer's {@code max_length} or {@code cutoff_len}
 * @param says the rule, for people
 * @param touch what it does to a row
 */
record TrainerRule(String trainer, int defaultLength, Effect effect, String says, Touch touch) {
  private static final String TRL_SFT = "TRL 1.16 SFT";
  private static final String TRL_PAIRS = "TRL 1.16 DPO, KTO";
  private static final String FACTORY = "LLaMA-Factory 0.9.5";

  /** SFTConfig and DPOConfig.max_length of TRL 1.16. */
  private static final int TRL_LENGTH = 1024;

  /** data_args.py, cutoff_len. */
  private static final int FACTORY_LENGTH = 2048;

  /** The rule leaves the row alone. */
  static final int UNTOUCHED = -1;

  /** It does not; of how many tokens is not known. */
  private static final int TOUCHED = 0;

  /** What the rule does to a row. */
  interface Touch {
    /** {@link #UNTOUCHED}, or the tokens that are lost, or learned beside the targets. */
    int tokens(RowFacts row, int length, LossOn lossOn);
  }

  /** TRL: trainer/sft_trainer.py, dpo_trainer.py, kto_trainer.py; the other: supervised.py. */
  static final List<TrainerRule> ALL =
      List.of(
          new TrainerRule(
              TRL_SFT,
              TRL_LENGTH,
              Effect.DROPPED,
              "no target within max_length (without packing)",
              (row, length, lossOn) ->
                  row.isConversation() && row.tokens() > length && row.targets(length) == 0
                      ? row.tokens()
                      : UNTOUCHED),
          new TrainerRule(
              TRL_SFT,
              TRL_LENGTH,
              Effect.CUT,
              "longer than max_length: the end is cut off, with packing (bfd) too",
              (row, length, lossOn) ->
                  row.isConversation() ? over(row.tokens(), length) : UNTOUCHED),
          new TrainerRule(
              TRL_SFT,
              TRL_LENGTH,
              Effect.LEARNED,
              "messages are learned whole, the user's too, unless assistant_only_loss=True",
              (row, length, lossOn) ->
                  row.isConversation() && lossOn == LossOn.ASSISTANT
                      ? row.tokens() - row.targets(row.tokens())
                      : UNTOUCHED),
          new TrainerRule(
              TRL_SFT,
              TRL_LENGTH,
              Effect.LEARNED,
              "loss and weight of a turn are not read: every answer is learned alike",
              (row, length, lossOn) ->
                  row.isConversation() && row.saysWhatTurnsCount() ? TOUCHED : UNTOUCHED),
          new TrainerRule(
              TRL_PAIRS,
              TRL_LENGTH,
              Effect.DROPPED,
              "the prompt alone fills max_length",
              (row, length, lossOn) ->
                  !row.isConversation() && row.tokens() > length && row.targets(length) == 0
                      ? row.tokens()
                      : UNTOUCHED),
          new TrainerRule(
              TRL_PAIRS,
              TRL_LENGTH,
              Effect.CUT,
              "longer than max_length: the end of the answer is cut off",
              (row, length, lossOn) ->
                  row.isConversation() ? UNTOUCHED : overOnBothSides(row, length)),
          new TrainerRule(
              FACTORY,
              FACTORY_LENGTH,
              Effect.DROPPED,
              "turns do not alternate from a user's to an answer (only a line in the log)",
              (row, length, lossOn) ->
                  row.isConversation() && !LlamaFactoryFormat.alternates(row.row())
                      ? row.tokens()
                      : UNTOUCHED),
          new TrainerRule(
              FACTORY,
              FACTORY_LENGTH,
              Effect.DROPPED,
              "a chosen or rejected answer of several turns, which it cannot hold",
              (row, length, lossOn) ->
                  row.row().isPair()
                          && (row.row().answer().size() != 1 || row.row().rejected().size() != 1)
                      ? row.tokens()
                      : UNTOUCHED),
          new TrainerRule(
              FACTORY,
              FACTORY_LENGTH,
              Effect.CUT,
              "longer than cutoff_len: turns are shortened, later ones left out",
              (row, length, lossOn) -> overOnBothSides(row, length)),
          new TrainerRule(
              FACTORY,
              FACTORY_LENGTH,
              Effect.CUT,
              "what the assistant says beside a call is left out",
              (row, length, lossOn) -> row.row().saysAndCalls() ? TOUCHED : UNTOUCHED),
          new TrainerRule(
              FACTORY,
              FACTORY_LENGTH,
              Effect.LEARNED,
              "every answer is learned, not only the last, unless mask_history: true",
              (row, length, lossOn) ->
                  row.isConversation() && lossOn == LossOn.COMPLETION && row.answers() > 1
                      ? TOUCHED
                      : UNTOUCHED),
          new TrainerRule(
              FACTORY,
              FACTORY_LENGTH,
              Effect.LEARNED,
              "loss and weight of a turn are not read: every answer is learned alike",
              (row, length, lossOn) ->
                  row.isConversation() && row.saysWhatTurnsCount() ? TOUCHED : UNTOUCHED));

  private static int over(int tokens, int length) {
    return tokens > length ? tokens - length : UNTOUCHED;
  }

  private static int overOnBothSides(RowFacts row, int length) {
    return over(Math.max(0, row.tokens() - length) + Math.max(0, row.rejectedTokens() - length), 0);
  }
}

"""What TRL's SFTTrainer makes of rows before it trains: its own preparation, with a model that is as small as can be."""
import tempfile

import datasets
import transformers
import trl


def prepared(tokenizer, rows, **settings):
    """The prepared rows. Settings are SFTConfig's."""
    config = transformers.LlamaConfig(
        vocab_size=len(tokenizer), hidden_size=8, intermediate_size=8, num_hidden_layers=1, num_attention_heads=1, num_key_value_heads=1)
    with tempfile.TemporaryDirectory() as folder:
        trainer = trl.SFTTrainer(
            model=transformers.LlamaForCausalLM(config),
            args=trl.SFTConfig(
                output_dir=folder, report_to=[], use_cpu=True, bf16=False, disable_tqdm=True, gradient_checkpointing=False, **settings),
            train_dataset=rows if isinstance(rows, datasets.Dataset) else datasets.Dataset.from_list(rows),
            processing_class=tokenizer,
        )
    return list(trainer.train_dataset)

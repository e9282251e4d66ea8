"""A pre-training recipe for a model that trains in a second."""

from bini.training.curriculum import PretrainRecipe, Shape, StageRecipe

POOL = 20

RECIPE = PretrainRecipe(
    name="mini",
    seed=3,
    shape=Shape(
        vocab_size=1200,
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=1,
        head_dim=16,
    ),
    cases=6 * POOL,
    pool=POOL,
    tokens_per_step=2048,
    learning_rate=1e-2,
    warmup=0.1,
    cooldown=0.4,
    stages=(
        StageRecipe(share=0.5, elements=(1, 2), noise=0, orders=0.0, made_up=0.5, prose=0.5, instruction=0.0),
        StageRecipe(share=0.5, elements=(2, 3), noise=1, orders=0.1, made_up=0.5, prose=0.5, instruction=0.2),
    ),
)

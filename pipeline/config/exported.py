"""What an exported model remembers of how it was made; no config has this section."""

from typing import Any, Literal

from pydantic import Field

from pipeline.config.base import Section

Runtime = Literal["onnx", "openvino"]
Precision = Literal["fp32", "bf16", "int8"]
PACKAGES: dict[Runtime, str] = {"onnx": "onnxruntime", "openvino": "openvino"}  # that run it
EXTRAS: dict[Runtime, str] = {"onnx": "serve", "openvino": "openvino"}  # of stance-pipeline, that bring these


class ExportedSettings(Section):
    """A trained transformer as a graph, which runs without torch."""

    kind: Literal["exported"] = "exported"
    runtime: Runtime = Field(description="What computes it.")
    precision: Precision = Field(description="Numbers it computes with; int8: whole numbers, scaled anew a sentence.")
    max_length: int = Field(description="Tokens a sentence is cut to.", ge=8)
    pad_token: int = Field(description="Number of the token that fills short sentences up.", ge=0)
    trained: dict[str, Any] = Field(description="The `train` section that the model was trained with.")

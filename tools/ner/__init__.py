"""Training of what reads names. In order: `teach` labels texts by LAC, `tables` and `train` make a network of them, `export` makes what ships.

`judge` then learns to weigh LAC's answers on labelled sentences, and `weights` writes the sums and the self-test. Texts are folders of .txt and .md, labelled
sentences IOB2 or JSON Lines. `train` and `export` need torch and onnx (the extra `train`), `tables` the file dict.txt of jieba; the rest needs nothing more.
"""

"""What `elman forecast` is held against: a Python process that imports PyTorch, loads a saved LSTM of the same size and answers.

    python -m peers.cold_start save FILE INPUT HIDDEN OUTPUT
    python -m peers.cold_start answer FILE LOOKBACK
"""

import sys

import torch


class Network(torch.nn.Module):
    def __init__(self, input, hidden, output):
        super().__init__()
        self.lstm, self.dense = torch.nn.LSTM(input, hidden, batch_first=True), torch.nn.Linear(hidden, output)

    def forward(self, x):
        return self.dense(self.lstm(x)[0][:, -1])


def main():
    action, path, *sizes = sys.argv[1:]
    sizes = [int(size) for size in sizes]
    if action == "save":
        torch.save({"sizes": sizes, "weights": Network(*sizes).state_dict()}, path)
        return
    saved = torch.load(path)
    network = Network(*saved["sizes"])
    network.load_state_dict(saved["weights"])
    with torch.inference_mode():
        window = torch.arange(float(sizes[0])).sin().view(1, -1, 1).expand(-1, -1, saved["sizes"][0])
        print(network(window).tolist())


if __name__ == "__main__":
    main()

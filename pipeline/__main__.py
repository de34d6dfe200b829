"""`python -m pipeline` is `stance`; torchrun starts it this way on every process."""

from pipeline.cli import main

if __name__ == "__main__":
    main()

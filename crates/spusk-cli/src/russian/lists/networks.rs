//! Networks that have a name.

/// What they are, and their arguments.
pub(super) const NETWORKS: &[(&str, &str)] = &[
    (
        "Dense layers down to a code of a few numbers, and up again.",
        "Полносвязные слои вниз, до кода из нескольких чисел, и снова вверх.",
    ),
    ("Numbers of the code", "Чисел в коде"),
    (
        "Convolutions down to a code of a few numbers, and transposed ones up again.",
        "Свёртки вниз, до кода из нескольких чисел, и транспонированные свёртки снова вверх.",
    ),
    ("Height and width of the images, multiples of 4", "Высота и ширина картинок, кратные 4"),
    ("Channels of the images", "Каналов у картинок"),
    ("Channels of the first convolution", "Каналов у первой свёртки"),
    (
        "Convolutions that tell the noise of a picture, which is then taken off.",
        "Свёртки, которые находят на картинке шум; затем он вычитается.",
    ),
    ("Convolutions, with the output layer", "Свёрток вместе с выходным слоем"),
    ("Channels", "Каналов"),
    (
        "Whether a batch norm stands behind every convolution but the first and the last",
        "Стоит ли пакетная нормализация за каждой свёрткой, кроме первой и последней",
    ),
    (
        "How the initial weights are drawn; `auto` chooses by the activation that follows",
        "Как берутся начальные веса; `auto` — по следующей функции активации",
    ),
    (
        "Reads a sequence or a text element by element, with gated recurrent units.",
        "Читает последовательность или текст по элементу, управляемыми рекуррентными блоками \
         (GRU).",
    ),
    ("Size of the state", "Размер состояния"),
    ("Layers, each over the outputs of the one before", "Слоёв, каждый по выходам предыдущего"),
    (
        "Whether a second one goes through the sequence backwards",
        "Идёт ли второй слой по последовательности назад",
    ),
    (
        "Share of the features that is dropped, in training",
        "Доля признаков, отбрасываемых при обучении",
    ),
    (
        "Two convolutions with pooling and two dense layers, for small images of one object.",
        "Две свёртки с пулингом и два полносвязных слоя, для малых картинок с одним предметом.",
    ),
    (
        "Reads a sequence or a text element by element, with long short-term memory.",
        "Читает последовательность или текст по элементу, с долгой краткосрочной памятью \
         (LSTM).",
    ),
    (
        "Three stages of residual blocks, each with half the pixels and twice the channels.",
        "Три ступени остаточных блоков, в каждой вдвое меньше сторона картинки и вдвое больше \
         каналов.",
    ),
    (
        "Layers with weights: 8, 14, 20, 26, 32, 44, 56, 110, in general 6·n + 2",
        "Слоёв с весами: 8, 14, 20, 26, 32, 44, 56, 110, вообще 6·n + 2",
    ),
    ("Channels of the first stage", "Каналов в первой ступени"),
    (
        "Residual blocks of convolutions that look back twice as far from block to block.",
        "Остаточные блоки свёрток; каждый следующий смотрит назад вдвое дальше.",
    ),
    ("Channels of every convolution", "Каналов у каждой свёртки"),
    ("Residual blocks, at most 16", "Остаточных блоков, не больше 16"),
    ("Size of the windows", "Размер окон"),
    (
        "Windows of 3, 4 and 5 tokens, each filter's largest answer over the text.",
        "Окна в 3, 4 и 5 токенов, от каждого фильтра — наибольший ответ по всему тексту.",
    ),
    ("Filters of each width", "Фильтров каждой ширины"),
    ("Numbers for each token", "Чисел на каждый токен"),
    (
        "Blocks of attention over a sequence or a text, and the mean of what they make.",
        "Блоки внимания по последовательности или тексту и среднее того, что они дают.",
    ),
    ("Transformer blocks, at most 100", "Блоков трансформера, не больше 100"),
    ("Numbers of an element", "Чисел у одного элемента"),
    (
        "Heads of the attention; they divide `hidden_size`",
        "Голов внимания; на них делится `hidden_size`",
    ),
    (
        "Convolutions that tell the detail of a picture which its bicubic enlargement lacks.",
        "Свёртки, которые находят подробности, недостающие картинке после бикубического \
         увеличения.",
    ),
    (
        "Convolutions of ever more channels over ever smaller images, and a dense layer: for pictures of one object.",
        "Свёртки со всё большим числом каналов на всё меньших картинках и полносвязный слой: для картинок с одним предметом.",
    ),
    ("Convolutions, each with a pooling behind it", "Свёрток, за каждой пулинг"),
    (
        "Dense layers, each with an activation behind it: the feed-forward network.",
        "Полносвязные слои, за каждым функция активации: сеть прямого распространения.",
    ),
    (
        "Independent networks of one hidden layer side by side, their outputs combined.",
        "Независимые сети с одним скрытым слоем рядом; их выходы соединяются.",
    ),
    ("Neurons of each layer", "Нейронов в каждом слое"),
    ("Neurons of each one's hidden layer", "Нейронов в скрытом слое каждой"),
    ("Neurons of the dense layer", "Нейронов в полносвязном слое"),
    (
        "Share of the features in front of and behind the dense layer that is dropped, in training",
        "Доля признаков перед полносвязным слоем и за ним, отбрасываемых при обучении",
    ),
    (
        "Share of the neurons that is dropped, in training",
        "Доля нейронов, отбрасываемых при обучении",
    ),
    ("What stands behind each dense layer", "Что стоит за каждым полносвязным слоем"),
];

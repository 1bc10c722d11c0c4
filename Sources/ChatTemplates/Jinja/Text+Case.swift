/// Letter case and character classes, by Unicode's full mappings as in Python.
extension Text {
    var uppercased: Text {
        if isASCII { return Text(bytes.map { $0 &- 0x61 < 26 ? $0 & 0xDF : $0 }, marks) }
        return mapRuns { Array($0.mapScalars(\.properties.uppercaseMapping).utf8) }
    }

    var lowercased: Text {
        if isASCII { return Text(bytes.map { $0 &- 0x41 < 26 ? $0 | 0x20 : $0 }, marks) }
        return mapRuns { Array($0.mapScalars(\.properties.lowercaseMapping).utf8) }
    }

    var swappedCase: Text {
        mapRuns {
            let text = $0.mapScalars { scalar in
                scalar.properties.isLowercase
                    ? scalar.properties.uppercaseMapping : scalar.properties.lowercaseMapping
            }
            return Array(text.utf8)
        }
    }

    /// The first character in title case, the others in lower case.
    var capitalized: Text { titled { _, isFirst in isFirst } }

    /// `str.title`: a word begins at a letter behind something that has no case.
    var pythonTitle: Text {
        titled { previous, _ in !(previous?.properties.isCased ?? false) }
    }

    /// jinja2's `title` filter: a word begins behind white space, `-` or an opening bracket.
    var jinjaTitle: Text {
        titled { previous, isFirst in
            guard let previous else { return isFirst }
            return previous.isPythonSpace || "-({[<".unicodeScalars.contains(previous)
        }
    }

    /// Changes case scalar by scalar; marks follow their bytes.
    private func titled(_ starts: (Unicode.Scalar?, Bool) -> Bool) -> Text {
        var previous: Unicode.Scalar?
        var isFirst = true
        return mapRuns { bytes in
            let text = bytes.mapScalars { scalar in
                defer {
                    previous = scalar
                    isFirst = false
                }
                return starts(previous, isFirst)
                    ? scalar.properties.titlecaseMapping : scalar.properties.lowercaseMapping
            }
            return Array(text.utf8)
        }
    }

    /// The `is...` methods: every character is of the class, and there is one.
    func isAll(_ method: TextMethod) -> Bool {
        let scalars = self.scalars
        switch method {
        case .isascii: return isASCII
        case .isupper, .islower:
            let wrongCase: (Unicode.Scalar) -> Bool = {
                method == .isupper ? $0.properties.isLowercase : $0.properties.isUppercase
            }
            let rightCase: (Unicode.Scalar) -> Bool = {
                method == .isupper ? $0.properties.isUppercase : $0.properties.isLowercase
            }
            return scalars.contains(where: rightCase) && !scalars.contains(where: wrongCase)
        default: return !scalars.isEmpty && scalars.allSatisfy { $0.isOf(method) }
        }
    }
}

extension Unicode.Scalar {
    func isOf(_ method: TextMethod) -> Bool {
        switch method {
        case .isspace: isPythonSpace
        case .isalpha: isPythonLetter
        case .isdecimal: properties.numericType == .decimal
        case .isdigit: properties.numericType == .decimal || properties.numericType == .digit
        case .isnumeric: properties.numericType != nil
        default: isPythonLetter || properties.numericType != nil
        }
    }

    private var isPythonLetter: Bool {
        switch properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter:
            true
        default: false
        }
    }
}

extension [UInt8] {
    fileprivate func mapScalars(_ change: (Unicode.Scalar) -> String) -> String {
        var result = ""
        for scalar in String(decoding: self, as: UTF8.self).unicodeScalars {
            result += change(scalar)
        }
        return result
    }
}
